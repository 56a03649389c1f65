// How the hosted pages look and what they say (`/api/v2/branding`, `/api/v2/prompts`), and how they would (`/api/x/branding`).
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { get, patch, post, read, remove, request, type Versioned } from './http';
import { queryClient, stale } from './query';

export type Gradient = { type: 'linear-gradient'; start: string; end: string; angle_deg: number };
export type Branding = {
  colors?: { primary?: string | null; page_background?: string | Gradient | null } | null;
  favicon_url?: string | null;
  logo_url?: string | null;
  font?: { url?: string | null } | null;
};

type Letters = { bold: boolean; size: number };
/** What this server acts on; a theme may say more, which is kept. */
export type Theme = {
  themeId?: string;
  displayName?: string;
  borders: Record<string, string | number | boolean>;
  colors: Record<string, string>;
  fonts: { [text: string]: Letters | string | number; font_url: string; links_style: string; reference_text_size: number };
  page_background: { background_color: string; background_image_url: string; page_layout: string };
  widget: { header_text_alignment: string; logo_height: number; logo_position: string; logo_url: string; social_buttons_layout: string };
  [more: string]: unknown;
};

type Stored = { branding: Branding; theme: Theme | null; template: string | null; etags: { branding: string | null; theme: string | null; template: string | null } };

const readAll = (signal?: AbortSignal) => get<Stored>('/api/x/branding', undefined, signal);

export type Look = { branding: Branding; theme: Theme | null };

/** Branding and theme, which a person sees as one; the version is that of both. */
async function readLook(signal?: AbortSignal): Promise<Versioned<Look>> {
  const { branding, theme, etags } = await readAll(signal);
  return { value: { branding, theme }, etag: JSON.stringify([etags.branding, etags.theme]) };
}

export const lookQuery = () => queryOptions({ queryKey: ['branding', 'look'], queryFn: ({ signal }) => readLook(signal) });
export const freshLook = () => queryClient.fetchQuery({ ...lookQuery(), staleTime: 0 });

/** A theme as it is sent: its identifier is the server's. */
export const sentTheme = ({ themeId: _, ...theme }: Theme) => theme;

const themePath = (id: string | undefined) => `/api/v2/branding/themes${id === undefined ? '' : `/${encodeURIComponent(id)}`}`;

export const lookRequests = (body: Partial<Look>, old: Look) => [
  ...('branding' in body ? [{ method: 'PATCH', path: '/api/v2/branding', body: body.branding }] : []),
  ...(!('theme' in body) ? []
    : body.theme === null || body.theme === undefined ? [{ method: 'DELETE', path: themePath(old.theme?.themeId ?? 'default'), body: undefined }]
      : [{ method: old.theme === null ? 'POST' : 'PATCH', path: themePath(old.theme?.themeId), body: sentTheme(body.theme) }]),
];

export async function saveLook(body: Partial<Look>, old: Look, etag: string | null): Promise<Versioned<Look>> {
  const [branding, theme] = JSON.parse(etag ?? '[null,null]') as (string | null)[];
  for (const { method, path, body: sent } of lookRequests(body, old)) {
    await request(method, path, { body: sent, etag: (path.includes('/themes') ? theme : branding) ?? null });
  }
  await stale('branding');
  return freshLook();
}

const TEMPLATE = '/api/v2/branding/templates/universal-login';

export type PageTemplate = { template: string };

/** An empty one is none. */
async function readTemplate(signal?: AbortSignal): Promise<Versioned<PageTemplate>> {
  const { template, etags } = await readAll(signal);
  return { value: { template: template ?? '' }, etag: etags.template };
}

export const templateQuery = () => queryOptions({ queryKey: ['branding', 'template'], queryFn: ({ signal }) => readTemplate(signal) });
export const freshTemplate = () => queryClient.fetchQuery({ ...templateQuery(), staleTime: 0 });

export async function saveTemplate(template: string, etag: string | null): Promise<Versioned<PageTemplate>> {
  await request('PUT', TEMPLATE, { body: { template }, etag });
  await stale('branding');
  return freshTemplate();
}

export async function resetTemplate(etag: string | null): Promise<void> {
  await remove(TEMPLATE, { etag });
  await stale('branding');
}

export type Prompts = { identifier_first?: boolean; [more: string]: unknown };

const readPrompts = (signal?: AbortSignal) => read<Prompts>('/api/v2/prompts', undefined, signal);
export const promptsQuery = () => queryOptions({ queryKey: ['branding', 'prompts'], queryFn: ({ signal }) => readPrompts(signal) });
export const freshPrompts = () => queryClient.fetchQuery({ ...promptsQuery(), staleTime: 0 });

export async function updatePrompts(body: unknown, etag: string | null): Promise<Versioned<Prompts>> {
  const saved = await patch<Prompts>('/api/v2/prompts', body, { etag });
  await stale('branding');
  return saved;
}

/** Texts by screen and key. */
export type Words = Record<string, Record<string, string>>;

/** What the server says by itself in a language, by prompt. */
export const textsQuery = (language: string) =>
  queryOptions({
    queryKey: ['texts', language],
    queryFn: async ({ signal }) => (await get<{ texts: Record<string, Words> }>(`/api/x/branding/texts/${language}`, undefined, signal)).texts,
    staleTime: Infinity,
  });

const wordsPath = (prompt: string, language: string) => `/api/v2/prompts/${prompt}/custom-text/${language}`;

const readWords = (prompt: string, language: string, signal?: AbortSignal) => read<Words>(wordsPath(prompt, language), undefined, signal);
export const wordsQuery = (prompt: string, language: string) =>
  queryOptions({ queryKey: ['branding', 'words', prompt, language], queryFn: ({ signal }) => readWords(prompt, language, signal) });
export const freshWords = (prompt: string, language: string) => queryClient.fetchQuery({ ...wordsQuery(prompt, language), staleTime: 0 });

/** The tenant's words are replaced as a whole, so those that stay are sent along; an empty one is none. */
export async function saveWords(prompt: string, language: string, changed: Partial<Words>, etag: string | null): Promise<Versioned<Words>> {
  const stored = await readWords(prompt, language);
  const whole = Object.entries({ ...stored.value, ...changed }).map(([screen, texts]) => [screen, Object.entries(texts ?? {}).filter(([, text]) => text)] as const);
  const body = Object.fromEntries(whole.filter(([, texts]) => texts.length > 0).map(([screen, texts]) => [screen, Object.fromEntries(texts)]));
  await request('PUT', wordsPath(prompt, language), { body, etag });
  await stale('branding');
  return freshWords(prompt, language);
}

/** What is tried out; what is left out is as it is stored. */
export type Tried = {
  prompt: string;
  screen: string;
  language?: string;
  branding?: Branding;
  theme?: unknown;
  template?: string | null;
  custom_text?: Record<string, Words>;
};

export type Preview = { html: string; language: string; template_problem: string | null };

export const previewQuery = (tried: Tried) =>
  queryOptions({
    queryKey: ['branding-preview', tried],
    queryFn: () => post<Preview>('/api/x/branding/preview', tried),
    placeholderData: keepPreviousData,
    // What is left out may have been saved meanwhile.
    staleTime: 0,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
  });

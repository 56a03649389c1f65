// Mails: who delivers them, how they are worded, and those that lie in the mailbox.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { get, post, remove, request, type Versioned } from './http';
import { queryClient, stale } from './query';

export type ProviderName = 'smtp' | 'mailgun' | 'sendgrid' | 'resend' | 'mandrill' | 'sparkpost';
/** Without a name there is none. */
export type Provider = {
  name: ProviderName | '';
  enabled?: boolean;
  default_from_address?: string;
  credentials?: Record<string, string | number | null | undefined>;
  settings?: Record<string, unknown> | null;
};

const PROVIDER = '/api/v2/emails/provider';

async function readProvider(signal?: AbortSignal): Promise<Versioned<Provider>> {
  const { provider, etag } = await get<{ provider: Provider | null; etag: string | null }>('/api/x/emails/provider', undefined, signal);
  return { value: provider ?? { name: '' }, etag };
}

export const providerQuery = () => queryOptions({ queryKey: ['emails', 'provider'], queryFn: ({ signal }) => readProvider(signal) });
export const freshProvider = () => queryClient.fetchQuery({ ...providerQuery(), staleTime: 0 });

export const providerRequest = (body: Partial<Provider>, isNew: boolean) => ({ method: isNew ? 'POST' : 'PATCH', path: PROVIDER, body });

export async function saveProvider(body: Partial<Provider>, isNew: boolean, etag: string | null): Promise<Versioned<Provider>> {
  const { method, path } = providerRequest(body, isNew);
  await request(method, path, { body, etag });
  await stale('emails');
  return freshProvider();
}

export async function removeProvider(): Promise<void> {
  await remove(PROVIDER);
  await stale('emails');
}

/** What became of a mail that was tried. */
export type Outcome = { state: 'sent' | 'kept' | 'failed'; problem?: string };

export async function sendTest(body: { to: string } & Partial<Words>): Promise<Outcome> {
  const outcome = await post<Outcome>('/api/x/emails/test', body);
  if (outcome.state === 'kept') void stale('mailbox');
  return outcome;
}

export type Kind = { template: string; is_served: boolean; is_sent: boolean; is_own: boolean };

export const kindsQuery = () =>
  queryOptions({
    queryKey: ['emails', 'kinds'],
    queryFn: async ({ signal }) => (await get<{ templates: Kind[] }>('/api/x/emails/templates', undefined, signal)).templates,
  });

export type Template = {
  template: string;
  subject?: string | null;
  body?: string | null;
  from?: string | null;
  resultUrl?: string | null;
  syntax?: string | null;
  urlLifetimeInSeconds?: number | null;
  includeEmailInRedirect?: boolean;
  enabled?: boolean | null;
};

const templatePath = (name: string) => `/api/v2/email-templates/${name}`;

type Stored = { is_served: boolean; own: Template | null; etag: string | null; default: { subject: string; body: string } };

const readStored = (name: string, language?: string, signal?: AbortSignal) => get<Stored>(`/api/x/emails/templates/${name}`, { language }, signal);

/** The tenant's words of a mail; where there are none, it would begin with none, and with what is done without them. */
async function readEmailTemplate(name: string, signal?: AbortSignal): Promise<Versioned<Template>> {
  const { own, etag } = await readStored(name, undefined, signal);
  // A greeting is sent by those who ask for it, everything else unless it is switched off.
  return { value: own ?? { template: name, enabled: name !== 'welcome_email' }, etag };
}

/** What the server would say. */
export const readStandard = async (name: string, language: string) => (await readStored(name, language)).default;

export const emailTemplateQuery = (name: string) =>
  queryOptions({ queryKey: ['emails', 'template', name], queryFn: ({ signal }) => readEmailTemplate(name, signal) });
export const freshEmailTemplate = (name: string) => queryClient.fetchQuery({ ...emailTemplateQuery(name), staleTime: 0 });

export const emailTemplateRequest = (body: Partial<Template>, name: string, etag: string | null) =>
  etag === null
    ? { method: 'POST', path: '/api/v2/email-templates', body: { template: name, syntax: 'liquid', enabled: name !== 'welcome_email', ...body } }
    : { method: 'PATCH', path: templatePath(name), body };

export async function saveEmailTemplate(body: Partial<Template>, name: string, etag: string | null): Promise<Versioned<Template>> {
  const { method, path, body: sent } = emailTemplateRequest(body, name, etag);
  await request(method, path, { body: sent, etag });
  await stale('emails');
  return freshEmailTemplate(name);
}

/** Takes the tenant's words away; whether the mail is sent stays as it is. */
export async function resetEmailTemplate(template: Template, etag: string | null): Promise<void> {
  const { enabled = true } = template;
  await request('PUT', templatePath(template.template), { body: { template: template.template, syntax: 'liquid', enabled }, etag });
  await stale('emails');
}

export type Words = { template: string; subject: string; body: string; from: string; language: string };

export type MailPreview = { from: string; subject: string; html: string; text: string; problem: null } | { problem: string };

export const mailPreviewQuery = (words: Partial<Words>) =>
  queryOptions({
    queryKey: ['email-preview', words],
    queryFn: () => post<MailPreview>('/api/x/emails/preview', words),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
  });

export type Mail = {
  id: string;
  state: 'kept' | 'waiting' | 'failed';
  created_at: string;
  attempts: number;
  problem: string | null;
  template: string | null;
  to: string;
  from: string;
  subject: string;
  html: string;
  text: string;
  link: string | null;
  code: string | null;
  user_id: string | null;
};

export const mailboxQuery = () =>
  queryOptions({
    queryKey: ['mailbox'],
    queryFn: async ({ signal }) => (await get<{ mails: Mail[] }>('/api/x/mailbox', undefined, signal)).mails,
    refetchInterval: 5_000,
  });

export async function emptyMailbox(): Promise<void> {
  await remove('/api/x/mailbox');
  await stale('mailbox');
}

export async function removeMail(id: string): Promise<void> {
  await remove(`/api/x/mailbox/${encodeURIComponent(id)}`);
  await stale('mailbox');
}

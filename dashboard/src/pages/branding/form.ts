// Branding and theme as one form: each is saved at its own address.
import { freshLook, lookRequests, saveLook, type Look } from '../../api/branding';
import type { Versioned } from '../../api/http';
import { contrast, rgbOf } from '../../lib/contrast';
import { branding } from '../../text/branding';
import { useForm, type Form } from '../../ui/useForm';

export type LookForm = Form<Look>;

const text = branding.look;

/** Least and greatest of the numbers of a theme. */
export const BOUNDS: Record<string, [number, number]> = {
  button_border_radius: [0, 10], button_border_weight: [0, 10], input_border_radius: [0, 10], input_border_weight: [0, 3],
  widget_border_weight: [0, 10], widget_corner_radius: [0, 50], reference_text_size: [12, 24], size: [0, 150], logo_height: [1, 100],
};

const LABELS: Record<string, string> = {
  'branding.logo_url': text.identity.logo,
  'branding.favicon_url': text.identity.favicon,
  'branding.font.url': text.identity.font,
  'branding.colors.primary': text.colours.primary,
  'branding.colors.page_background': text.colours.background,
  ...named('theme.colors', text.colors),
  ...named('theme.borders', text.borders),
  'theme.fonts.reference_text_size': text.reference,
  'theme.fonts.font_url': text.themeFont,
  'theme.fonts.links_style': text.links,
  ...Object.fromEntries(Object.entries(text.letters).flatMap(([name, what]) => [[`theme.fonts.${name}.size`, text.size(what)], [`theme.fonts.${name}.bold`, text.bold(what)]])),
  'theme.page_background.background_color': text.pageBackground,
  'theme.page_background.background_image_url': text.backgroundImage,
  'theme.page_background.page_layout': text.layout,
  'theme.widget.header_text_alignment': text.headingPlace,
  'theme.widget.logo_position': text.logoPlace,
  'theme.widget.logo_height': text.logoHeight,
  'theme.widget.logo_url': text.themeLogo,
  theme: text.fields['theme']!,
};

function named(path: string, words: Record<string, string>) {
  return Object.fromEntries(Object.entries(words).map(([name, what]) => [`${path}.${name}`, what]));
}

export function useLookForm(read: Versioned<Look>): LookForm {
  return useForm<Look>({
    key: 'branding/look',
    read,
    within: '/branding',
    path: '/api/v2/branding',
    labels: LABELS,
    check: faultsOf,
    requests: (body, base) => lookRequests(body as Partial<Look>, base),
    save: (patch, etag) => saveLook(cleared(patch as Partial<Look>), read.value, etag),
    reload: freshLook,
  });
}

/** What was emptied is taken away. */
function cleared(patch: Partial<Look>): Partial<Look> {
  const { branding } = patch;
  if (branding === undefined) return patch;
  const { primary, page_background } = branding.colors ?? {};
  const font = branding.font?.url || null;
  return {
    ...patch,
    branding: {
      ...branding,
      ...('colors' in branding && { colors: { primary: primary || null, page_background: page_background || null } }),
      ...('font' in branding && { font: font === null ? null : { url: font } }),
      ...('logo_url' in branding && { logo_url: branding.logo_url ?? null }),
      ...('favicon_url' in branding && { favicon_url: branding.favicon_url ?? null }),
    },
  };
}

/** As it is sent to be looked at: the fields whose values make no sense are left as they are stored. */
export function triedOf(draft: Look, stored: Look, faults: Record<string, string | undefined>) {
  const isBad = (start: string) => Object.entries(faults).some(([path, fault]) => fault !== undefined && path.startsWith(start));
  const branding = isBad('branding') ? stored.branding : (cleared({ branding: draft.branding }).branding ?? {});
  const theme = isBad('theme') ? stored.theme : draft.theme;
  return { branding, theme };
}

const isAddress = (url: unknown) => {
  if (url === '' || url === null || url === undefined) return true;
  const at = URL.canParse(String(url)) ? new URL(String(url)) : undefined;
  return at !== undefined && (at.protocol === 'https:' || (at.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(at.hostname)));
};

export function faultsOf({ branding, theme }: Look): Record<string, string | undefined> {
  const faults: Record<string, string | undefined> = {};
  const address = (path: string, url: unknown) => { if (!isAddress(url)) faults[path] = text.identity.bad; };
  const colour = (path: string, value: unknown) => { if (value && rgbOf(String(value)) === undefined) faults[path] = text.colours.bad; };
  address('branding.logo_url', branding.logo_url);
  address('branding.favicon_url', branding.favicon_url);
  address('branding.font.url', branding.font?.url);
  colour('branding.colors.primary', branding.colors?.primary);
  const background = branding.colors?.page_background;
  if (typeof background === 'object' && background !== null) {
    const { start, end, angle_deg } = background;
    if (rgbOf(start) === undefined) faults['branding.colors.page_background.start'] = text.colours.bad;
    if (rgbOf(end) === undefined) faults['branding.colors.page_background.end'] = text.colours.bad;
    if (!(Number.isInteger(angle_deg) && angle_deg >= 0 && angle_deg <= 360)) faults['branding.colors.page_background.angle_deg'] = text.colours.angleBad;
  } else colour('branding.colors.page_background', background);
  if (theme === null) return faults;
  for (const [name, value] of Object.entries(theme.colors)) {
    if (name in text.colors && rgbOf(value) === undefined) faults[`theme.colors.${name}`] = text.colours.bad;
  }
  const number = (path: string, value: unknown, bounds = BOUNDS[path.split('.').at(-1)!]) => {
    if (bounds === undefined || typeof value === 'string' || typeof value === 'boolean') return;
    if (!(typeof value === 'number' && value >= bounds[0] && value <= bounds[1])) faults[path] = text.number(...bounds);
  };
  for (const [name, value] of Object.entries(theme.borders)) number(`theme.borders.${name}`, value);
  number('theme.fonts.reference_text_size', theme.fonts.reference_text_size);
  for (const name of Object.keys(text.letters)) number(`theme.fonts.${name}.size`, (theme.fonts[name] as { size: number }).size);
  number('theme.widget.logo_height', theme.widget.logo_height);
  if (rgbOf(theme.page_background.background_color) === undefined) faults['theme.page_background.background_color'] = text.colours.bad;
  address('theme.page_background.background_image_url', theme.page_background.background_image_url);
  address('theme.widget.logo_url', theme.widget.logo_url);
  address('theme.fonts.font_url', theme.fonts.font_url);
  return faults;
}

/** How well links would stand out on the form without help, where that is too little. */
export function weakLink(primary: string | null | undefined, card: string): number | undefined {
  const ratio = contrast(primary ?? '', card);
  return ratio !== undefined && ratio < 4.5 ? ratio : undefined;
}

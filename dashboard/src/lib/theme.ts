// The theme that one begins with, and which of its colours have to stand out from which.
import type { Theme } from '../api/branding';
import { contrast, inkOn, plainOf } from './contrast';

/** Our own look in light, in the tenant's colour. */
export function themeOf(primary: string | null | undefined, background: unknown): Theme {
  const act = (primary && plainOf(primary)) || '#0b57d0';
  const text = (size: number, bold = false) => ({ bold, size });
  return {
    displayName: 'Theme',
    borders: {
      button_border_radius: 10, button_border_weight: 1, buttons_style: 'rounded', input_border_radius: 10, input_border_weight: 1,
      inputs_style: 'rounded', show_widget_shadow: true, widget_border_weight: 1, widget_corner_radius: 20,
    },
    colors: {
      body_text: '#24272f', error: '#a1231c', header: '#14161d', icons: '#555a68', input_background: '#ffffff', input_border: '#838997',
      input_filled_text: '#14161d', input_labels_placeholders: '#24272f', links_focused_components: act, primary_button: act,
      primary_button_label: inkOn(act), secondary_button_border: '#838997', secondary_button_label: '#24272f', success: '#1a6e42',
      widget_background: '#ffffff', widget_border: '#dfe2ea',
    },
    fonts: {
      body_text: text(100), buttons_text: text(100, true), font_url: '', input_labels: text(94, true), links: text(100, true), links_style: 'normal',
      reference_text_size: 16, subtitle: text(100), title: text(150, true),
    },
    page_background: { background_color: (typeof background === 'string' && plainOf(background)) || '#eef0f5', background_image_url: '', page_layout: 'center' },
    widget: { header_text_alignment: 'center', logo_height: 52, logo_position: 'center', logo_url: '', social_buttons_layout: 'bottom' },
  };
}

/** A text has to stand out by 4.5 to 1, an edge by 3 to 1; the server mends what does not. */
const [TEXT, EDGE] = [4.5, 3];
const FORM = 'widget_background';

/** By colour: what is behind it, and how well it has to stand out. */
export const BEHIND: Record<string, { on: string; least: number }> = {
  header: { on: FORM, least: TEXT },
  body_text: { on: FORM, least: TEXT },
  input_labels_placeholders: { on: FORM, least: TEXT },
  links_focused_components: { on: FORM, least: TEXT },
  error: { on: FORM, least: TEXT },
  success: { on: FORM, least: TEXT },
  secondary_button_label: { on: FORM, least: TEXT },
  primary_button_label: { on: 'primary_button', least: TEXT },
  input_filled_text: { on: 'input_background', least: TEXT },
  primary_button: { on: FORM, least: EDGE },
  input_border: { on: FORM, least: EDGE },
  secondary_button_border: { on: FORM, least: EDGE },
  base_focus_color: { on: FORM, least: EDGE },
};

export type Weak = { ratio: number; least: number; on: string };

/** Whether a colour of a theme does not stand out enough from what is behind it. */
export function weakness(colors: Record<string, string>, name: string): Weak | undefined {
  const behind = BEHIND[name];
  if (behind === undefined) return undefined;
  const ratio = contrast(colors[name] ?? '', colors[behind.on] ?? '');
  return ratio !== undefined && ratio < behind.least ? { ratio, ...behind } : undefined;
}

/** The form in light and in dark where there is no theme. */
export const CARDS = { light: '#ffffff', dark: '#1c1f26' };

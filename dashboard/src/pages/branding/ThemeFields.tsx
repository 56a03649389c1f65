// A theme, field by field: those that the server acts on.
import { showRatio } from '../../lib/contrast';
import { weakness } from '../../lib/theme';
import { branding } from '../../text/branding';
import { Checkbox, NumberField, Section, Select, Switch, TextField } from '../../ui';
import { ColourField } from '../../ui/ColourField';
import type { Part } from './Look';

const text = branding.look;
/** The one that may be left out: it is then that of links. */
const FOCUS = 'base_focus_color';

export function ThemeFields({ form, disabled }: Part) {
  const theme = form.draft.theme!;
  const colour = (name: string) => {
    const weak = weakness(theme.colors, name);
    const path = `theme.colors.${name}`;
    return (
      <ColourField
        key={name} label={text.colors[name]!} value={theme.colors[name] ?? ''} disabled={disabled} error={form.errorOf(path)}
        {...(name === FOCUS ? { placeholder: theme.colors['links_focused_components'] ?? '', onChange: (value) => form.set(path, value || undefined) } : { onChange: (value) => form.set(path, value) })}
        warning={weak && text.colours.weak(showRatio(weak.ratio), weak.least, text.colors[weak.on]!)}
      />
    );
  };
  const number = (path: string, label: string, value: unknown) => (
    <NumberField key={path} label={label} decimals={2} disabled={disabled} error={form.errorOf(path)} value={typeof value === 'number' ? value : undefined} onChange={(value) => form.set(path, value)} />
  );
  const border = (name: string) => number(`theme.borders.${name}`, text.borders[name]!, theme.borders[name]);
  const choice = (path: string, label: string, value: unknown, words: Record<string, string>) => (
    <Select key={path} label={label} value={String(value)} disabled={disabled} onChange={(value) => form.set(path, value)} options={Object.entries(words).map(([value, label]) => ({ value, label }))} />
  );
  const shape = (name: string) => choice(`theme.borders.${name}`, text.borders[name]!, theme.borders[name], text.forms);
  const address = (path: string, label: string, value: string, help?: string) => (
    <TextField label={label} help={help} mono inputMode="url" maxLength={2048} disabled={disabled} value={value} error={form.errorOf(path)} onChange={(value) => form.set(path, value.trim())} />
  );
  const { groups } = text;
  return (
    <>
      <Section title={groups.texts.title} lead={groups.texts.lead}>
        <div className="fields-grid">{['header', 'body_text', 'error', 'success'].map(colour)}</div>
      </Section>
      <Section title={groups.inputs.title} lead={groups.inputs.lead}>
        <div className="fields-grid">
          {['input_labels_placeholders', 'input_filled_text', 'input_background', 'input_border'].map(colour)}
          {shape('inputs_style')}
          {theme.borders['inputs_style'] === 'rounded' && border('input_border_radius')}
          {border('input_border_weight')}
        </div>
      </Section>
      <Section title={groups.buttons.title} lead={groups.buttons.lead}>
        <div className="fields-grid">
          {['primary_button', 'primary_button_label', 'secondary_button_label', 'secondary_button_border', 'links_focused_components', 'base_focus_color'].map(colour)}
          {shape('buttons_style')}
          {theme.borders['buttons_style'] === 'rounded' && border('button_border_radius')}
          {border('button_border_weight')}
          {choice('theme.fonts.links_style', text.links, theme.fonts.links_style, text.linksStyles)}
        </div>
      </Section>
      <Section title={groups.surfaces.title} lead={groups.surfaces.lead}>
        <div className="fields-grid">
          {['widget_background', 'widget_border'].map(colour)}
          {['widget_border_weight', 'widget_corner_radius'].map(border)}
          <ColourField
            label={text.pageBackground} value={theme.page_background.background_color} disabled={disabled} error={form.errorOf('theme.page_background.background_color')}
            onChange={(value) => form.set('theme.page_background.background_color', value)}
          />
          {choice('theme.page_background.page_layout', text.layout, theme.page_background.page_layout, text.places)}
        </div>
        {address('theme.page_background.background_image_url', text.backgroundImage, theme.page_background.background_image_url)}
        <Switch label={text.borders['show_widget_shadow']!} checked={theme.borders['show_widget_shadow'] === true} disabled={disabled} onChange={(on) => form.set('theme.borders.show_widget_shadow', on)} />
      </Section>
      <Section title={groups.heading.title} lead={groups.heading.lead}>
        <div className="fields-grid">
          {choice('theme.widget.logo_position', text.logoPlace, theme.widget.logo_position, { ...text.places, none: text.noLogo })}
          {theme.widget.logo_position !== 'none' && number('theme.widget.logo_height', text.logoHeight, theme.widget.logo_height)}
          {choice('theme.widget.header_text_alignment', text.headingPlace, theme.widget.header_text_alignment, text.places)}
        </div>
        {theme.widget.logo_position !== 'none' && address('theme.widget.logo_url', text.themeLogo, theme.widget.logo_url, text.themeLogoHelp)}
      </Section>
      <Section title={groups.letters.title} lead={groups.letters.lead}>
        {number('theme.fonts.reference_text_size', text.reference, theme.fonts.reference_text_size)}
        {Object.entries(text.letters).map(([name, what]) => {
          const { size, bold } = theme.fonts[name] as { size: number; bold: boolean };
          return (
            <div key={name} className="letters">
              {number(`theme.fonts.${name}.size`, text.size(what), size)}
              <Checkbox label={text.bold(what)} checked={bold} disabled={disabled} onChange={(on) => form.set(`theme.fonts.${name}.bold`, on)} />
            </div>
          );
        })}
        {address('theme.fonts.font_url', text.themeFont, theme.fonts.font_url, text.themeFontHelp)}
      </Section>
    </>
  );
}

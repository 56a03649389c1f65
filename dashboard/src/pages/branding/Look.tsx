// Logo, colours and font, and the theme that says them one by one, with the page beside them.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { lookQuery, sentTheme, type Gradient, type Look as Stored } from '../../api/branding';
import type { Versioned } from '../../api/http';
import { showRatio } from '../../lib/contrast';
import { CARDS, themeOf } from '../../lib/theme';
import { branding } from '../../text/branding';
import { ErrorPanel, RadioCards, ReadOnly, refusal, Section, Select, Skeleton, TextField } from '../../ui';
import { ColourField } from '../../ui/ColourField';
import { SaveBar } from '../../ui/SaveBar';
import { faultsOf, triedOf, useLookForm, weakLink, type LookForm } from './form';
import { Preview, WithPreview } from './Preview';
import { LOOKED_AT } from './screens';
import { ThemeFields } from './ThemeFields';

const text = branding.look;

export default function Look() {
  const look = useQuery(lookQuery());
  if (look.isPending) return <Skeleton lines={12} height={24} />;
  if (look.isError) return <ErrorPanel error={look.error} retry={() => void look.refetch()} />;
  return <Fields read={look.data} />;
}

export type Part = { form: LookForm; disabled: boolean };

function Fields({ read }: { read: Versioned<Stored> }) {
  const form = useLookForm(read);
  const [page, setPage] = useState({ prompt: 'login', screen: 'login' });
  // Changing and taking away a theme are two rights; whoever has the first has the second.
  const refused = refusal('update:branding');
  const part = { form, disabled: refused !== undefined };
  const { branding, theme } = triedOf(form.draft, form.base, faultsOf(form.draft));
  return (
    <>
      <ReadOnly scope="update:branding" />
      <WithPreview preview={<Preview tried={{ branding, theme: theme === null ? null : sentTheme(theme) }} screens={LOOKED_AT} page={page} onPage={setPage} />}>
        <div className="sections">
          <Identity {...part} />
          <Colours {...part} />
          {form.draft.theme !== null && <ThemeFields {...part} />}
        </div>
      </WithPreview>
      <SaveBar form={form} risky={['branding', 'theme']} refused={refused} />
    </>
  );
}

function Identity({ form, disabled }: Part) {
  const { identity } = text;
  const { branding } = form.draft;
  const field = (path: string, value: string | null | undefined) => ({
    value: value ?? '', onChange: (value: string) => form.set(`branding.${path}`, value.trim()), error: form.errorOf(`branding.${path}`), disabled, mono: true, inputMode: 'url' as const, maxLength: 2048,
  });
  return (
    <Section title={identity.title} lead={identity.lead}>
      <TextField label={identity.logo} help={identity.logoHelp} {...field('logo_url', branding.logo_url)} />
      <TextField label={identity.favicon} help={identity.faviconHelp} {...field('favicon_url', branding.favicon_url)} />
      <TextField label={identity.font} help={identity.fontHelp} {...field('font.url', branding.font?.url)} />
    </Section>
  );
}

function Colours({ form, disabled }: Part) {
  const { colours } = text;
  const { branding, theme } = form.draft;
  // Going to and fro between the two keeps what was chosen.
  const [kept, setKept] = useState(theme);
  const choose = (mode: 'simple' | 'theme') => {
    if (mode === 'simple') {
      setKept(theme);
      form.set('theme', null);
    } else form.set('theme', kept ?? form.base.theme ?? themeOf(branding.colors?.primary, branding.colors?.page_background));
  };
  const primary = branding.colors?.primary ?? '';
  const weak = (['light', 'dark'] as const).flatMap((scheme) => {
    const ratio = weakLink(primary, CARDS[scheme]);
    return ratio === undefined ? [] : [colours.weakLink(showRatio(ratio), scheme)];
  });
  return (
    <Section title={colours.title} lead={colours.lead}>
      <RadioCards
        label={colours.mode} column={200} value={theme === null ? 'simple' : 'theme'} onChange={choose}
        cards={[{ value: 'simple', title: colours.simple, help: colours.simpleHelp, disabled }, { value: 'theme', title: colours.theme, help: colours.themeHelp, disabled }]}
      />
      {theme === null && (
        <>
          <ColourField
            label={colours.primary} help={colours.primaryHelp} placeholder="#0b57d0" value={primary} disabled={disabled} onChange={(value) => form.set('branding.colors.primary', value)}
            error={form.errorOf('branding.colors.primary')} warning={weak.length === 0 ? undefined : weak.join(' ')}
          />
          <Background form={form} disabled={disabled} />
        </>
      )}
    </Section>
  );
}

type Kind = keyof typeof text.colours.backgrounds;

/** What is behind the form: a colour, or from one to another. */
function Background({ form, disabled }: Part) {
  const { colours } = text;
  const path = 'branding.colors.page_background';
  const now = form.draft.branding.colors?.page_background;
  const kind: Kind = typeof now === 'object' && now !== null ? 'gradient' : now === undefined || now === null ? 'none' : 'colour';
  const first = typeof now === 'string' && now !== '' ? now : typeof now === 'object' && now !== null ? now.start : '#eef0f5';
  const choose = (kind: Kind) =>
    form.set(path, kind === 'none' ? null : kind === 'colour' ? first : { type: 'linear-gradient', start: first, end: '#c7d2fe', angle_deg: 135 } satisfies Gradient);
  const colour = (label: string, path: string, value: string) => (
    <ColourField label={label} value={value} disabled={disabled} onChange={(value) => form.set(path, value)} error={form.errorOf(path)} />
  );
  return (
    <>
      <Select label={colours.background} value={kind} disabled={disabled} onChange={choose} options={(['none', 'colour', 'gradient'] as const).map((value) => ({ value, label: colours.backgrounds[value] }))} />
      {kind === 'colour' && colour(colours.backgroundColour, path, now as string)}
      {typeof now === 'object' && now !== null && (
        <div className="fields-grid">
          {colour(colours.start, `${path}.start`, now.start)}
          {colour(colours.end, `${path}.end`, now.end)}
          <TextField
            label={colours.angle} inputMode="numeric" style={{ maxWidth: 120 }} disabled={disabled} error={form.errorOf(`${path}.angle_deg`)}
            value={Number.isNaN(now.angle_deg) ? '' : String(now.angle_deg)} onChange={(typed) => form.set(`${path}.angle_deg`, /^\d{1,3}$/.test(typed.trim()) ? Number(typed) : Number.NaN)}
          />
        </div>
      )}
    </>
  );
}

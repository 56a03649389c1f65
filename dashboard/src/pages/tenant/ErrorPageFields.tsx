import { useState } from 'react';
import { tenant as text } from '../../text/tenant';
import { RadioCards, Section, Switch, TextArea, TextField } from '../../ui';
import { mayEdit, type TenantForm } from './form';

type Kind = 'ours' | 'redirect' | 'html';

/** The built-in error page, an address to go to instead, or HTML of one's own. */
export function ErrorPageFields({ form }: { form: TenantForm }) {
  const { errors } = text;
  const page = form.draft.error_page;
  const kind: Kind = page?.url !== undefined ? 'redirect' : page?.html !== undefined ? 'html' : 'ours';
  // Going back and forth between the kinds keeps what was typed.
  const [typed, setTyped] = useState({ url: page?.url ?? '', html: page?.html ?? '' });
  const log = page?.show_log_link === undefined ? {} : { show_log_link: page.show_log_link };
  const choose = (kind: Kind) =>
    form.set('error_page', kind === 'ours' ? undefined : kind === 'redirect' ? { url: typed.url, ...log } : { html: typed.html, ...log });
  const type = (name: 'url' | 'html', value: string) => {
    setTyped({ ...typed, [name]: value });
    form.set('error_page', { [name]: value, ...log });
  };
  const card = (value: Kind, title: string, help: string) => ({ value, title, help, disabled: !mayEdit() });
  return (
    <Section title={errors.title} lead={errors.lead}>
      <RadioCards
        label={errors.label} value={kind} onChange={choose} column={190}
        cards={[card('ours', errors.ours, errors.oursHelp), card('redirect', errors.redirect, errors.redirectHelp), card('html', errors.html, errors.htmlHelp)]}
      />
      {kind === 'redirect' && (
        <TextField label={errors.url} required mono inputMode="url" value={page?.url ?? ''} error={form.errorOf('error_page.url')} disabled={!mayEdit()} onChange={(value) => type('url', value)} />
      )}
      {kind === 'html' && (
        <>
          <TextArea label={errors.body} mono rows={8} value={page?.html ?? ''} disabled={!mayEdit()} onChange={(value) => type('html', value)} />
          <Switch label={errors.logLink} help={errors.logLinkHelp} checked={page?.show_log_link ?? false} disabled={!mayEdit()} onChange={(on) => form.set('error_page.show_log_link', on)} />
        </>
      )}
    </Section>
  );
}

// Who delivers the mails: only services through which this server delivers.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { freshProvider, providerQuery, providerRequest, removeProvider, saveProvider, sendTest, type Outcome, type Provider as Stored, type ProviderName } from '../../api/emails';
import type { Versioned } from '../../api/http';
import { can, me } from '../../auth/me';
import { emails } from '../../text/emails';
import { Button, ButtonLink, ConfirmDialog, ErrorPanel, Notice, RadioCards, ReadOnly, refusal, Section, Select, Skeleton, Switch, TextField, toast } from '../../ui';
import { SaveBar } from '../../ui/SaveBar';
import { useAttempt } from '../../ui/useAttempt';
import { useForm, type Form } from '../../ui/useForm';
import { bodyOf, faultsOf, isServed, NEEDED } from './provider';

const text = emails.provider;

export default function Provider() {
  const provider = useQuery(providerQuery());
  if (provider.isPending) return <Skeleton lines={8} height={28} />;
  if (provider.isError) return <ErrorPanel error={provider.error} retry={() => void provider.refetch()} />;
  return <Fields read={provider.data} />;
}

const toMailbox = () => can('read:mailbox') && <ButtonLink small to="/emails/mailbox">{text.toMailbox}</ButtonLink>;

function Fields({ read }: { read: Versioned<Stored> }) {
  const stored = read.value;
  const isNew = stored.name === '';
  const form: Form<Stored> = useForm<Stored>({
    key: 'emails/provider', read, within: '/emails', path: '/api/v2/emails/provider',
    labels: { ...text.labels, ...Object.fromEntries(Object.entries(text.fields).map(([name, label]) => [`credentials.${name}`, label])) },
    check: (draft) => faultsOf(draft, stored),
    requests: (body) => {
      const sent = bodyOf(body as Partial<Stored>, form.draft, stored);
      const masked = sent.credentials && { credentials: Object.fromEntries(Object.entries(sent.credentials).map(([name, value]) => [name, isSecret(name) ? '…' : value])) };
      return [providerRequest({ ...sent, ...masked }, isNew)];
    },
    save: (patch, etag) => saveProvider(bodyOf(patch as Partial<Stored>, form.draft, stored), isNew, etag),
    reload: freshProvider,
  });
  const { draft } = form;
  // Whoever looks over a shoulder at the review does not see what was typed.
  const masked = { ...form, changes: form.changes.map((change) => (isSecret(change.keys.at(-1)!) ? { ...change, new: '…' } : change)) };
  const refused = refusal(isNew ? 'create:email_provider' : 'update:email_provider');
  const disabled = refused !== undefined;
  return (
    <>
      <div className="stack">
        <ReadOnly scope={isNew ? 'create:email_provider' : 'update:email_provider'} />
        {isNew && <Notice action={toMailbox()}><p className="strong">{text.noneTitle}</p><p>{text.none}</p></Notice>}
        {!isNew && stored.enabled === false && <Notice kind="warning" action={toMailbox()}>{text.off}</Notice>}
        {!isNew && !isServed(stored.name) && <Notice kind="danger">{text.unserved(stored.name)}</Notice>}
      </div>
      <div className="sections" style={{ marginTop: 20 }}>
        <Section title={text.service.title} lead={text.service.lead}>
          <RadioCards
            label={text.service.label} column={150} value={isServed(draft.name) ? draft.name : ''} onChange={(name) => form.set('name', name)}
            cards={Object.entries(text.services).map(([value, [title, help]]) => ({ value: value as ProviderName, title, help, disabled }))}
          />
          <TextField label={text.from} help={text.fromHelp} value={draft.default_from_address ?? ''} inputMode="email" maxLength={1024} disabled={disabled} error={form.errorOf('default_from_address')} onChange={(value) => form.set('default_from_address', value)} />
          {draft.name !== '' && <Switch label={text.enabled} help={text.enabledHelp} checked={draft.enabled !== false} disabled={disabled} onChange={(on) => form.set('enabled', on)} />}
        </Section>
        {isServed(draft.name) && <Access form={form} name={draft.name} isStored={stored.name === draft.name} disabled={disabled} />}
        <Test isDirty={form.changes.length > 0} />
        {!isNew && <Remove onRemoved={form.discard} />}
      </div>
      <SaveBar form={masked} risky={['name', 'enabled', 'credentials']} refused={refused} />
    </>
  );
}

const isSecret = (name: string) => Object.values(NEEDED).flat().some((needed) => needed.name === name && needed.secret === true);

function Access({ form, name, isStored, disabled }: { form: Form<Stored>; name: ProviderName; isStored: boolean; disabled: boolean }) {
  const credentials = form.draft.credentials ?? {};
  return (
    <Section title={text.access.title} lead={text.access.lead}>
      {NEEDED[name].map((needed) => {
        const path = `credentials.${needed.name}`;
        const label = text.fields[needed.name]!;
        if (needed.name === 'region') {
          return <Select key={path} label={label} value={String(credentials['region'] ?? '')} disabled={disabled} options={Object.entries(text.regions).map(([value, label]) => ({ value, label }))} onChange={(value) => form.set(path, value === '' ? undefined : value)} />;
        }
        const isPort = needed.name === 'smtp_port';
        const value = credentials[needed.name];
        const set = (typed: string) => form.set(path, typed === '' ? undefined : isPort ? (/^\d{1,5}$/.test(typed.trim()) ? Number(typed) : Number.NaN) : typed);
        return (
          <TextField
            key={path} label={label} required={needed.optional !== true} disabled={disabled} error={form.errorOf(path)} mono={!isPort} maxLength={4096}
            value={value === undefined || value === null || Number.isNaN(value) ? '' : String(value)} onChange={set}
            {...(needed.secret === true && { type: 'password', autoComplete: 'new-password', ...(isStored && { help: text.secretHelp, placeholder: text.stored }) })}
            {...(isPort && { help: text.portHelp, inputMode: 'numeric' as const, style: { maxWidth: 120 }, placeholder: '587' })}
          />
        );
      })}
    </Section>
  );
}

/** One message, sent while somebody waits. */
function Test({ isDirty }: { isDirty: boolean }) {
  const [to, setTo] = useState(me().email ?? '');
  const [outcome, setOutcome] = useState<Outcome>();
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const fault = /^[^@\s]+@[^@\s]+$/.test(to.trim()) ? undefined : text.test.toBad;
  const send = async () => {
    setTried(true);
    setOutcome(undefined);
    if (fault === undefined) await attempt(async () => setOutcome(await sendTest({ to: to.trim() })));
  };
  return (
    <Section title={text.test.title} lead={text.test.lead}>
      <TextField label={text.test.to} inputMode="email" value={to} onChange={setTo} error={isTried ? fault : undefined} />
      <div><Button busy={isBusy} reason={refusal('update:email_provider') ?? (isDirty ? text.test.dirty : undefined)} onClick={() => void send()}>{text.test.send}</Button></div>
      {outcome?.state === 'sent' && <Notice kind="success" live>{text.test.sent(to.trim())}</Notice>}
      {outcome?.state === 'kept' && <Notice live action={toMailbox()}>{text.test.kept}</Notice>}
      {outcome?.state === 'failed' && <Notice kind="danger" live>{text.test.failed} {outcome.problem}</Notice>}
      {error !== undefined && <ErrorPanel error={error} />}
    </Section>
  );
}

function Remove({ onRemoved }: { onRemoved: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const { remove } = text;
  return (
    <Section title={remove.title} lead={remove.lead} danger>
      <div><Button kind="danger" reason={refusal('delete:email_provider')} onClick={() => setOpen(true)}>{remove.button}</Button></div>
      <ConfirmDialog open={isOpen} onClose={() => setOpen(false)} title={remove.confirm} confirm={remove.button} act={async () => { onRemoved(); await removeProvider(); toast(remove.done); }}>
        <p>{remove.effect}</p>
      </ConfirmDialog>
    </Section>
  );
}

// What stops those who guess, each with what it does in words, and whom it keeps out now.
import { useQueries } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { protectionQuery } from '../../api/protection';
import { linesOf } from '../../lib/addresses';
import { showDuration } from '../../lib/duration';
import { protection as text } from '../../text/protection';
import { Badge, Checkbox, DurationField, ErrorPanel, LiveDot, NumberField, PageHeader, RadioCards, ReadOnly, refusal, Section, Select, Skeleton, Switch, TextArea } from '../../ui';
import { SaveBar } from '../../ui/SaveBar';
import { Blocks } from './Blocks';
import { NAMES, together, useProtectionForm, type ProtectionForm } from './form';
import { stateOf } from './state';

export default function Protection() {
  const reads = useQueries({ queries: NAMES.map((name) => protectionQuery(name)) as never[] }) as { data?: { value: never; etag: string | null }; error: unknown; refetch: () => unknown }[];
  const failed = reads.find(({ error }) => error !== null);
  const isThere = reads.every(({ data }) => data !== undefined);
  return (
    <>
      <PageHeader title={text.title} lead={text.lead} />
      <div className="stack loose">
        <Blocks />
        {failed !== undefined ? <ErrorPanel error={failed.error} retry={() => reads.forEach(({ refetch }) => void refetch())} />
          : isThere ? <Settings read={together(reads.map(({ data }) => data!))} /> : <Skeleton lines={10} height={28} />}
      </div>
    </>
  );
}

function Settings({ read }: { read: ReturnType<typeof together> }) {
  const form = useProtectionForm(read);
  const refused = refusal('update:attack_protection');
  const part = { form, disabled: refused !== undefined };
  return (
    <>
      <ReadOnly scope="update:attack_protection" />
      <div className="sections">
        <BruteForce {...part} />
        <Suspicious {...part} />
        <Section title={text.clients.title} lead={text.clients.lead} aside={<LiveDot state="on">{text.states.on}</LiveDot>}>
          <ul className="stack tight" style={{ listStyle: 'disc', paddingLeft: 20 }}>{text.clients.rules.map((rule) => <li key={rule}>{rule}</li>)}</ul>
        </Section>
        <Breached {...part} />
        <Bot {...part} />
      </div>
      <p className="muted small measure"><Badge>{text.stored}</Badge> {text.storedNote}</p>
      <SaveBar form={form} risky={Object.keys(text.fields)} refused={refused} />
    </>
  );
}

type Part = { form: ProtectionForm; disabled: boolean };

const DOTS = { on: 'on', watching: 'warning', off: 'off' } as const;

/** The card's state as a word, beside its title. */
const State = ({ of }: { of: keyof typeof DOTS }) => <LiveDot state={DOTS[of]}>{text.states[of]}</LiveDot>;
const Stored = ({ children }: { children: ReactNode }) => <>{children} <Badge>{text.stored}</Badge></>;

function BruteForce({ form, disabled }: Part) {
  const name = 'brute-force-protection';
  const draft = form.draft[name];
  const state = stateOf(draft);
  const most = draft.max_attempts ?? 10;
  const words = state === 'off' ? text.brute.off : state === 'watching' ? text.brute.watching(most)
    : draft.mode === 'count_per_identifier' ? text.brute.perAccount(most) : text.brute.perAddress(most);
  return (
    <Section title={text.brute.title} lead={words} aside={<State of={state} />}>
      <Switch label={text.enabled} checked={draft.enabled !== false} disabled={disabled} onChange={(on) => form.set(`${name}.enabled`, on)} />
      {draft.enabled !== false && (
        <>
          <Shields form={form} name={name} disabled={disabled} notification="user_notification" />
          <Count label={text.brute.attempts} help={text.brute.attemptsHelp} path={`${name}.max_attempts`} value={draft.max_attempts} form={form} disabled={disabled} />
          <RadioCards
            label={text.brute.mode} column={220} value={draft.mode ?? 'count_per_identifier_and_ip'} onChange={(mode) => form.set(`${name}.mode`, mode)}
            cards={(['count_per_identifier_and_ip', 'count_per_identifier'] as const).map((value) => ({ value, title: text.brute.modes[value]![0], help: text.brute.modes[value]![1], disabled }))}
          />
          <AllowList form={form} name={name} disabled={disabled} />
        </>
      )}
    </Section>
  );
}

function Suspicious({ form, disabled }: Part) {
  const name = 'suspicious-ip-throttling';
  const draft = form.draft[name];
  const login = draft.stage?.['pre-login'];
  const state = stateOf(draft);
  const seconds = login?.rate === undefined ? undefined : login.rate / 1000;
  const span = seconds === undefined || Number.isNaN(seconds) ? '…' : showDuration(seconds).replace(/ \(.*/, '');
  const most = login?.max_attempts ?? 100;
  const words = state === 'off' ? text.suspicious.off : state === 'watching' ? text.suspicious.watching(most, span) : text.suspicious.blocking(most, span);
  return (
    <Section title={text.suspicious.title} lead={words} aside={<State of={state} />}>
      <Switch label={text.enabled} checked={draft.enabled !== false} disabled={disabled} onChange={(on) => form.set(`${name}.enabled`, on)} />
      {draft.enabled !== false && (
        <>
          <Shields form={form} name={name} disabled={disabled} notification="admin_notification" />
          <Count label={text.suspicious.attempts} help={text.suspicious.attemptsHelp} path={`${name}.stage.pre-login.max_attempts`} value={login?.max_attempts} form={form} disabled={disabled} />
          <DurationField
            label={text.suspicious.rate} help={text.suspicious.rateHelp} disabled={disabled} value={seconds}
            onChange={(seconds) => form.set(`${name}.stage.pre-login.rate`, seconds * 1000)} error={form.errorOf(`${name}.stage.pre-login.rate`)}
          />
          <AllowList form={form} name={name} disabled={disabled} />
        </>
      )}
    </Section>
  );
}

function Breached({ form, disabled }: Part) {
  const { enabled } = form.draft['breached-password-detection'];
  return (
    <Section title={text.breached.title} lead={text.breached.lead} aside={<div><Badge>{text.stored}</Badge></div>}>
      <Switch label={text.breached.enabled} checked={enabled === true} disabled={disabled} onChange={(on) => form.set('breached-password-detection.enabled', on)} />
    </Section>
  );
}

function Bot({ form, disabled }: Part) {
  const draft = form.draft['bot-detection'];
  const options = (words: Record<string, string>) => Object.entries(words).map(([value, label]) => ({ value, label }));
  return (
    <Section title={text.bot.title} lead={text.bot.lead} aside={<div><Badge>{text.stored}</Badge></div>}>
      <Select label={text.bot.policy} value={String(draft['challenge_password_policy'] ?? 'never')} options={options(text.bot.policies)} disabled={disabled} onChange={(policy) => form.set('bot-detection.challenge_password_policy', policy)} />
      <Select label={text.bot.level} value={draft.bot_detection_level ?? 'medium'} options={options(text.bot.levels)} disabled={disabled} onChange={(level) => form.set('bot-detection.bot_detection_level', level)} />
    </Section>
  );
}

type Named = Part & { name: 'brute-force-protection' | 'suspicious-ip-throttling' };

function Shields({ form, name, disabled, notification }: Named & { notification: 'user_notification' | 'admin_notification' }) {
  const shields = form.draft[name].shields ?? [];
  const set = (shield: string, on: boolean) => form.set(`${name}.shields`, on ? [...shields, shield] : shields.filter((one) => one !== shield));
  return (
    <div className="field" role="group" aria-label={text.shields}>
      <span className="label" aria-hidden>{text.shields}</span>
      <Checkbox label={text.block} checked={shields.includes('block')} disabled={disabled} onChange={(on) => set('block', on)} />
      <Checkbox label={<Stored>{notification === 'user_notification' ? text.notifyUser : text.notifyAdmins}</Stored>} checked={shields.includes(notification)} disabled={disabled} onChange={(on) => set(notification, on)} />
    </div>
  );
}

function Count({ label, help, path, value, form, disabled }: Part & { label: string; help: string; path: string; value: number | undefined }) {
  return <NumberField label={label} help={help} disabled={disabled} error={form.errorOf(path)} value={value} onChange={(count) => form.set(path, count)} />;
}

function AllowList({ form, name, disabled }: Named) {
  const path = `${name}.allowlist`;
  return (
    <TextArea
      label={text.allowlist} help={text.allowlistHelp} mono rows={3} disabled={disabled} value={(form.draft[name].allowlist ?? []).join('\n')} error={form.errorOf(path)}
      onChange={(typed) => form.set(path, typed.endsWith('\n') ? [...linesOf(typed), ''] : linesOf(typed))}
    />
  );
}

import { tenant as text } from '../../text/tenant';
import { DurationField, RadioCards, Section } from '../../ui';
import { mayEdit, type TenantForm } from './form';
import { Named } from './Named';

type Lifetime = 'session_lifetime' | 'idle_session_lifetime' | 'ephemeral_session_lifetime' | 'idle_ephemeral_session_lifetime';

// What holds for a tenant that never set it, in hours.
const UNSET: Record<Lifetime, number> = { session_lifetime: 168, idle_session_lifetime: 72, ephemeral_session_lifetime: 72, idle_ephemeral_session_lifetime: 24 };

/** How long people stay logged in. The server keeps hours; people choose the unit. */
export function Sessions({ form }: { form: TenantForm }) {
  const { sessions } = text;
  const hours = (path: Lifetime) => (form.draft[path] as number | undefined) ?? UNSET[path];
  const field = (path: Lifetime, label: string, help?: string) => (
    <DurationField
      label={<Named path={path}>{label}</Named>} name={label} help={help} error={form.errorOf(path)} disabled={!mayEdit()}
      value={Math.round(hours(path) * 3600)} onChange={(seconds) => form.set(path, seconds / 3600)}
    />
  );
  const isUseless = (idle: Lifetime, whole: Lifetime) => hours(idle) > hours(whole);
  const mode = (form.draft['session_cookie'] as { mode?: 'persistent' | 'non-persistent' } | null | undefined)?.mode ?? 'persistent';
  const card = (value: 'persistent' | 'non-persistent', title: string, help: string) => ({ value, title, help, disabled: !mayEdit() });
  return (
    <Section title={sessions.title} lead={sessions.lead}>
      <RadioCards
        label={sessions.cookie} value={mode} column={220} onChange={(mode) => form.set('session_cookie', { mode })}
        cards={[card('persistent', sessions.persistent, sessions.persistentHelp), card('non-persistent', sessions.ephemeral, sessions.ephemeralHelp)]}
      />
      {field('session_lifetime', sessions.lifetime, sessions.lifetimeHelp)}
      {field('idle_session_lifetime', sessions.idle, isUseless('idle_session_lifetime', 'session_lifetime') ? sessions.idleLonger : sessions.idleHelp)}
      {field('ephemeral_session_lifetime', sessions.ephemeralLifetime, sessions.lifetimeHelp)}
      {field('idle_ephemeral_session_lifetime', sessions.idleEphemeral, isUseless('idle_ephemeral_session_lifetime', 'ephemeral_session_lifetime') ? sessions.idleLonger : sessions.idleHelp)}
    </Section>
  );
}

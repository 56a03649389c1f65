import { application } from '../../../text/application';
import { DurationField, Switch } from '../../../ui';
import type { Part } from './Basic';

const text = application.settings;

export function Tokens({ form, disabled }: Part) {
  const { jwt_configuration: jwt, refresh_token: refresh } = form.draft;
  const isRotating = refresh?.rotation_type === 'rotating';
  const ends = refresh?.infinite_token_lifetime === false;
  const idles = refresh?.infinite_idle_token_lifetime === false;
  // Refresh tokens expire as soon as one of their two ends is on.
  const setEnds = (path: string, on: boolean, other: boolean) => {
    form.set(path, !on);
    form.set('refresh_token.expiration_type', on || other ? 'expiring' : 'non-expiring');
  };
  const expiryFault = form.faults.find(([path]) => path === 'refresh_token.expiration_type')?.[1];
  return (
    <>
      <DurationField label={text.idTokenLifetime} help={text.idTokenHelp} disabled={disabled} value={jwt?.lifetime_in_seconds} onChange={(seconds) => form.set('jwt_configuration.lifetime_in_seconds', seconds)} error={form.errorOf('jwt_configuration.lifetime_in_seconds')} />
      <hr />
      <Switch label={text.rotation} help={text.rotationHelp} disabled={disabled} checked={isRotating} onChange={(on) => form.set('refresh_token.rotation_type', on ? 'rotating' : 'non-rotating')} error={expiryFault} />
      {isRotating && <DurationField label={text.leeway} help={text.leewayHelp} disabled={disabled} value={refresh.leeway ?? 0} onChange={(seconds) => form.set('refresh_token.leeway', seconds)} error={form.errorOf('refresh_token.leeway')} />}
      <Switch label={text.absolute} help={text.absoluteHelp} disabled={disabled} checked={ends} onChange={(on) => setEnds('refresh_token.infinite_token_lifetime', on, idles)} />
      {ends && <DurationField label={text.absoluteLifetime} disabled={disabled} value={refresh?.token_lifetime} onChange={(seconds) => form.set('refresh_token.token_lifetime', seconds)} error={form.errorOf('refresh_token.token_lifetime')} />}
      <Switch label={text.idle} help={text.idleHelp} disabled={disabled} checked={idles} onChange={(on) => setEnds('refresh_token.infinite_idle_token_lifetime', on, ends)} />
      {idles && <DurationField label={text.idleLifetime} disabled={disabled} value={refresh?.idle_token_lifetime} onChange={(seconds) => form.set('refresh_token.idle_token_lifetime', seconds)} error={form.errorOf('refresh_token.idle_token_lifetime')} />}
    </>
  );
}

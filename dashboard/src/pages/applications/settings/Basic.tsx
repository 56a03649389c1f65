import { Link } from '@tanstack/react-router';
import { config } from '../../../api/config';
import { revealSecret, type Client } from '../../../api/clients';
import { can } from '../../../auth/me';
import { application } from '../../../text/application';
import { applications } from '../../../text/applications';
import { CopyLine, SecretField, Select, TextArea, TextField } from '../../../ui';
import { kindName, KINDS, isKind } from '../kinds';
import type { SettingsForm } from './form';

const text = application.settings;

export type Part = { form: SettingsForm; client: Client; disabled: boolean };

export function Basic({ form, client, disabled, secret }: Part & { secret: boolean }) {
  return (
    <>
      <TextField label={text.name} help={text.nameHelp} required disabled={disabled} value={form.draft.name} onChange={(name) => form.set('name', name)} error={form.errorOf('name')} />
      <dl className="facts">
        <dt>{text.domain}</dt><dd><CopyLine value={config.tenant.domain} what={text.domain} /></dd>
        <dt>{applications.clientId}</dt><dd><CopyLine value={client.client_id} what={applications.clientIdOf(client.name)} /></dd>
        {secret && can('read:client_keys') && (
          <>
            <dt>{text.clientSecret}</dt>
            <dd>
              <SecretField what={applications.secretOf(client.name)} fetch={() => revealSecret(client.client_id)} />
              <div className="muted small">{text.secretHelp} <Link to="/applications/$clientId/credentials" params={{ clientId: client.client_id }}>{text.toCredentials}</Link></div>
            </dd>
          </>
        )}
      </dl>
      <TextArea label={text.description} help={text.descriptionHelp} rows={2} counter={140} disabled={disabled} value={form.draft.description ?? ''} onChange={(description) => form.set('description', description)} error={form.errorOf('description')} />
    </>
  );
}

export function Properties({ form, client, disabled }: Part) {
  // What kind it is decides which grants it may have; a machine stays one.
  const isFixed = client.app_type === 'non_interactive' || !isKind(client.app_type);
  const options = isFixed ? [{ value: client.app_type ?? '', label: kindName(client.app_type) }] : KINDS.filter((kind) => kind !== 'non_interactive').map((kind) => ({ value: kind as string, label: kindName(kind) }));
  return (
    <>
      <TextField label={text.logo} help={text.logoHelp} type="url" mono disabled={disabled} value={form.draft.logo_uri ?? ''} onChange={(uri) => form.set('logo_uri', uri)} error={form.errorOf('logo_uri')} />
      <Select label={text.type} help={isKind(form.draft.app_type) ? applications.dialog.cards[form.draft.app_type][1] : undefined} disabled={disabled || isFixed} value={form.draft.app_type ?? ''} onChange={(type) => form.set('app_type', type)} options={options} />
      <dl className="facts">
        <dt>{text.ownership}</dt>
        <dd>{client.is_first_party === false ? text.thirdParty : text.firstParty}<div className="muted small">{text.ownershipHelp}</div></dd>
        {client.is_first_party === false && <><dt>{text.strictness}</dt><dd>{text.strictnesses[client.third_party_security_mode ?? 'permissive']}</dd></>}
      </dl>
    </>
  );
}

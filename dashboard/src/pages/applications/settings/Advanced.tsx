// The seven parts of Advanced Settings.
import { useQuery } from '@tanstack/react-query';
import type { Client } from '../../../api/clients';
import { endpoints } from '../../../lib/endpoints';
import { application } from '../../../text/application';
import { Button, Checkbox, CodeBlock, CopyLine, download, DurationField, KeyValueField, LinesField, Notice, Select, Switch, TextArea, TextField } from '../../../ui';
import { Download } from '../../../ui/icons';
import { hasBackend } from '../kinds';
import type { Part } from './Basic';

const text = application.settings;

export const ApplicationMetadata = ({ form, disabled }: Part) => (
  <KeyValueField label={text.metadata} help={text.metadataHelp} disabled={disabled} value={form.draft.client_metadata ?? {}} onChange={(pairs) => form.set('client_metadata', pairs)} />
);

export function DeviceSettings({ form, disabled }: Part) {
  const { ios, android } = form.draft.mobile ?? {};
  const field = (label: string, path: string, value: string | undefined) => (
    <TextField label={label} mono disabled={disabled} value={value ?? ''} onChange={(value) => form.set(path, value)} />
  );
  return (
    <>
      <p className="muted">{text.deviceLead}</p>
      <div className="grid">
        {field(text.iosTeam, 'mobile.ios.team_id', ios?.team_id)}
        {field(text.iosApp, 'mobile.ios.app_bundle_identifier', ios?.app_bundle_identifier)}
      </div>
      {field(text.androidPackage, 'mobile.android.app_package_name', android?.app_package_name)}
      <LinesField label={text.androidHashes} help={text.androidHashesHelp} disabled={disabled} value={android?.sha256_cert_fingerprints} onChange={(lines) => form.set('mobile.android.sha256_cert_fingerprints', lines)} />
    </>
  );
}

/** How long a pushed request is kept where nobody says. */
const PUSHED_SECONDS = 30;

export function OAuth({ form, client, disabled }: Part) {
  const { draft } = form;
  const asks = draft.skip_non_verifiable_callback_uri_confirmation_prompt;
  return (
    <>
      {hasBackend(client) && (
        <Switch label={text.trustHeader} help={text.trustHeaderHelp} disabled={disabled} checked={draft.is_token_endpoint_ip_header_trusted === true} onChange={(on) => form.set('is_token_endpoint_ip_header_trusted', on)} />
      )}
      <Switch label={text.oidc} help={text.oidcHelp} disabled={disabled} checked={draft.oidc_conformant === true} onChange={(on) => form.set('oidc_conformant', on)} />
      <Switch label={text.par} help={text.parHelp} disabled={disabled} checked={draft.require_pushed_authorization_requests === true} onChange={(on) => form.set('require_pushed_authorization_requests', on)} />
      {draft.require_pushed_authorization_requests === true && (
        <DurationField label={text.parExpiry} help={text.parExpiryHelp} disabled={disabled} value={draft.par_request_expiry ?? PUSHED_SECONDS} onChange={(seconds) => form.set('par_request_expiry', seconds)} error={form.errorOf('par_request_expiry')} />
      )}
      <Switch label={text.proof} help={text.proofHelp} disabled={disabled} checked={draft.require_proof_of_possession === true} onChange={(on) => form.set('require_proof_of_possession', on)} />
      <Select label={text.alg} help={text.algHelp} disabled={disabled} value={draft.jwt_configuration?.alg ?? 'RS256'} onChange={(alg) => form.set('jwt_configuration.alg', alg)} options={['RS256', 'HS256', 'PS256', 'RS512'].map((alg) => ({ value: alg, label: alg }))} />
      <Select
        label={text.confirmCallback} help={text.confirmCallbackHelp} disabled={disabled} value={asks === true ? 'skip' : asks === false ? 'ask' : 'tenant'}
        onChange={(choice) => form.set('skip_non_verifiable_callback_uri_confirmation_prompt', { tenant: null, ask: false, skip: true }[choice])}
        options={(['tenant', 'ask', 'skip'] as const).map((value) => ({ value, label: text.confirmChoices[value] }))}
      />
      <Select label={text.compliance} disabled={disabled} value={draft.compliance_level ?? ''} onChange={(level) => form.set('compliance_level', level === '' ? null : level)} options={Object.entries(text.compliances).filter(([value]) => value !== 'none').map(([value, label]) => ({ value, label }))} />
      <LinesField label={text.allowedClients} help={text.allowedClientsHelp} disabled={disabled} value={draft.allowed_clients} onChange={(lines) => form.set('allowed_clients', lines)} />
    </>
  );
}

// Two of the choices stand for several grants each.
const BUNDLES: Record<string, string[]> = {
  password: ['password', 'http://auth0.com/oauth/grant-type/password-realm'],
  mfa: ['http://auth0.com/oauth/grant-type/mfa-oob', 'http://auth0.com/oauth/grant-type/mfa-otp', 'http://auth0.com/oauth/grant-type/mfa-recovery-code'],
};
const CONFIDENTIAL = ['client_credentials', 'urn:openid:params:grant-type:ciba', 'urn:ietf:params:oauth:grant-type:token-exchange', 'urn:ietf:params:oauth:grant-type:jwt-bearer'];
/** What is kept and given back, while the token endpoint refuses it. */
const STORED = ['mfa', 'http://auth0.com/oauth/grant-type/passwordless/otp', 'urn:ietf:params:oauth:grant-type:token-exchange', 'urn:openid:params:grant-type:ciba', 'urn:ietf:params:oauth:grant-type:jwt-bearer'];
const THIRD_PARTY = ['authorization_code', 'refresh_token', 'client_credentials'];

/** Why an application of this kind may not have a grant. */
function grantRefusal(grant: string, client: Client): string | undefined {
  if (client.is_first_party === false && !THIRD_PARTY.includes(grant)) return text.grantThirdParty;
  if (CONFIDENTIAL.includes(grant) && client.token_endpoint_auth_method === 'none') return text.grantPublic;
  if (grant.endsWith(':device_code') && client.app_type !== 'native') return text.grantNative;
  return undefined;
}

export function GrantTypes({ form, client, disabled }: Part) {
  const held = form.draft.grant_types ?? [];
  const toggle = (grants: string[], on: boolean) => form.set('grant_types', on ? [...new Set([...held, ...grants])] : held.filter((grant) => !grants.includes(grant)));
  return (
    <fieldset className="field">
      <legend className="label">{text.grants}</legend>
      <div className="help" style={{ marginBottom: 8 }}>{text.grantsHelp}</div>
      <div className="grid" style={{ '--column': '240px', gap: 10 } as object}>
        {Object.entries(text.grantNames).map(([grant, label]) => {
          const grants = BUNDLES[grant] ?? [grant];
          const refused = grantRefusal(grant, client);
          const isOn = grants.every((grant) => held.includes(grant));
          // What is on although it may not be can still be taken away.
          return <Checkbox key={grant} label={label} help={refused ?? (STORED.includes(grant) ? text.grantStored : undefined)} checked={isOn} disabled={disabled || (refused !== undefined && !isOn)} onChange={(on) => toggle(grants, on)} />;
        })}
      </div>
    </fieldset>
  );
}

export const WsFederation = ({ form, disabled }: Part) => (
  <TextArea label={text.wsfedScript} help={text.wsfedHelp} mono rows={5} disabled={disabled} value={form.draft.form_template ?? ''} onChange={(value) => form.set('form_template', value)} />
);

export function Certificates({ client }: { client: Client }) {
  const pem = client.signing_keys?.[0]?.cert;
  const prints = useQuery({ queryKey: ['fingerprint', pem], queryFn: () => fingerprints(pem!), enabled: pem !== undefined, staleTime: Number.POSITIVE_INFINITY });
  if (pem === undefined) return <Notice>{text.noCertificate}</Notice>;
  const tidy = `${pem.replaceAll('\r', '').trim()}\n`;
  return (
    <>
      <dl className="facts">
        {prints.data !== undefined && (
          <>
            <dt>{text.fingerprint}</dt><dd><CopyLine value={prints.data.sha256} what={text.fingerprint} /></dd>
            <dt>{text.thumbprint}</dt><dd><CopyLine value={prints.data.sha1} what={text.thumbprint} /></dd>
          </>
        )}
      </dl>
      <CodeBlock what={text.certificate} label={text.certificate} code={tidy} />
      <div><Button icon={Download} onClick={() => download(`${client.tenant ?? 'tenant'}.pem`, tidy, 'application/x-pem-file')}>{text.download}</Button></div>
    </>
  );
}

async function fingerprints(pem: string): Promise<{ sha256: string; sha1: string }> {
  const bytes = Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, '')), (character) => character.charCodeAt(0));
  const hex = async (algorithm: string) => [...new Uint8Array(await crypto.subtle.digest(algorithm, bytes))].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
  return { sha256: await hex('SHA-256'), sha1: await hex('SHA-1') };
}

export const Endpoints = () => (
  <>
    <p className="muted">{text.endpointsLead}</p>
    <dl className="facts">
      {(Object.keys(text.endpoints) as (keyof typeof endpoints)[]).map((name) => (
        <div key={name} style={{ display: 'contents' }}><dt>{text.endpoints[name]}</dt><dd><CopyLine value={endpoints[name]} what={text.endpoints[name]} /></dd></div>
      ))}
    </dl>
  </>
);

import { valueAt } from '../../lib/diff';
import { tenant as text } from '../../text/tenant';
import { Badge, RadioCards, Section, Select, Switch, TextField, UrlListField } from '../../ui';
import { DefaultQuotas } from './DefaultQuotas';
import { mayEdit, type TenantForm } from './form';
import { Marked, Named } from './Named';
import { Sessions } from './Sessions';
import { SettingsPage } from './SettingsPage';

const PROTOCOL = [
  'allow_organization_name_in_authentication_api', 'pushed_authorization_requests_supported', 'authorization_response_iss_parameter_supported',
  'mtls.enable_endpoint_aliases', 'dpop_strict_refresh_token_binding',
];
const GROUPS: Record<keyof typeof text.flags.groups, string[]> = {
  applications: ['flags.enable_client_connections', 'flags.enable_dynamic_client_registration', 'client_id_metadata_document_supported'],
  tokens: ['flags.remove_alg_from_jwks', 'flags.revoke_refresh_token_grant'],
  people: [
    'flags.enable_public_signup_user_exists_error', 'flags.use_scope_descriptions_for_consent', 'flags.no_disclose_enterprise_connections',
    'flags.mfa_show_factor_list_on_enrollment', 'customize_mfa_in_postlogin_action', 'flags.enforce_client_authentication_on_passwordless_start',
    'include_session_metadata_in_tenant_logs', 'flags.disable_clickjack_protection_headers',
  ],
  legacy: [
    'flags.allow_legacy_ro_grant_types', 'flags.allow_legacy_delegation_grant_types', 'flags.allow_legacy_tokeninfo_endpoint', 'flags.enable_idtoken_api2',
    'flags.enable_legacy_profile', 'flags.change_pwd_flow_v1',
  ],
};

// What holds for a tenant that never set it.
const ON_BY_DEFAULT = ['flags.enable_client_connections'];

export default function Advanced() {
  return (
    <SettingsPage>
      {(form) => (
        <>
          <p className="muted small measure" style={{ marginBottom: 20 }}><Badge>{text.stored}</Badge> {text.storedNote}</p>
          <div className="sections">
            <Addresses form={form} />
            <Sessions form={form} />
            <Protocol form={form} />
            <DefaultQuotas form={form} />
            <DeviceCodes form={form} />
            <Scripts form={form} />
            {(Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((group) => (
              <Marked key={group} paths={GROUPS[group]} {...text.flags.groups[group]}>{GROUPS[group].map((path) => <Flag key={path} form={form} path={path} />)}</Marked>
            ))}
          </div>
        </>
      )}
    </SettingsPage>
  );
}

function Flag({ form, path, words = text.flags.words[path] ?? [path, ''] }: { form: TenantForm; path: string; words?: [string, string] }) {
  return (
    <Switch
      label={<Named path={path}>{words[0]}</Named>} help={words[1]} checked={(valueAt(form.draft, path) ?? ON_BY_DEFAULT.includes(path)) === true}
      disabled={!mayEdit()} onChange={(on) => form.set(path, on)}
    />
  );
}

function Addresses({ form }: { form: TenantForm }) {
  const { addresses } = text;
  return (
    <Section title={addresses.title} lead={addresses.lead}>
      <TextField
        label={<Named path="default_redirection_uri">{addresses.loginUri}</Named>} help={addresses.loginUriHelp} mono inputMode="url"
        value={form.draft.default_redirection_uri ?? ''} error={form.errorOf('default_redirection_uri')} disabled={!mayEdit()}
        onChange={(value) => form.set('default_redirection_uri', value)}
      />
      <UrlListField label={addresses.logout} help={addresses.logoutHelp} value={form.draft.allowed_logout_urls ?? []} disabled={!mayEdit()} onChange={(urls) => form.set('allowed_logout_urls', urls)} />
      <Flag form={form} path="oidc_logout.rp_logout_end_session_endpoint_discovery" words={[addresses.discovery, addresses.discoveryHelp]} />
      <Flag form={form} path="sessions.oidc_logout_prompt_enabled" words={[addresses.prompt, addresses.promptHelp]} />
    </Section>
  );
}

function Protocol({ form }: { form: TenantForm }) {
  const { protocol } = text;
  const card = (value: 'audience' | 'compatibility', title: string, help: string) => ({ value, title, help, disabled: !mayEdit() });
  return (
    <Section title={protocol.title} lead={protocol.lead}>
      <RadioCards
        label={protocol.resource} value={form.draft.resource_parameter_profile ?? 'audience'} column={220} onChange={(value) => form.set('resource_parameter_profile', value)}
        cards={[card('audience', protocol.resourceAudience, protocol.resourceAudienceHelp), card('compatibility', protocol.resourceCompatibility, protocol.resourceCompatibilityHelp)]}
      />
      {PROTOCOL.map((path) => <Flag key={path} form={form} path={path} />)}
      <TextField
        label={<Named path="acr_values_supported">{protocol.acr}</Named>} help={protocol.acrHelp} mono disabled={!mayEdit()}
        value={(form.draft.acr_values_supported ?? []).join(', ')}
        onChange={(value) => form.set('acr_values_supported', value.trim() === '' ? undefined : value.split(/,\s*/))}
      />
    </Section>
  );
}

const EXAMPLE = { base20: 'BCDFGHJKLMNPQRSTVWXZ', digits: '7301958264' };

function DeviceCodes({ form }: { form: TenantForm }) {
  const { device } = text;
  const charset = form.draft.device_flow?.charset ?? 'base20';
  const mask = form.draft.device_flow?.mask ?? '****-****';
  let at = 0;
  const example = mask.replace(/\*/g, () => EXAMPLE[charset][(at++ * 7 + 3) % EXAMPLE[charset].length]!);
  const card = (value: 'base20' | 'digits', title: string, help: string) => ({ value, title, help, disabled: !mayEdit() });
  return (
    <Marked title={device.title} lead={device.lead} paths={['device_flow']}>
      <RadioCards
        label={device.charset} value={charset} column={220} onChange={(value) => form.set('device_flow', { mask, charset: value })}
        cards={[card('base20', device.base20, device.base20Help), card('digits', device.digits, device.digitsHelp)]}
      />
      <TextField
        label={<Named path="device_flow">{device.mask}</Named>} help={<>{device.maskHelp} {device.example}: <code>{example}</code></>} mono maxLength={20}
        value={mask} error={form.errorOf('device_flow.mask')} disabled={!mayEdit()} onChange={(value) => form.set('device_flow', { charset, mask: value })}
      />
    </Marked>
  );
}

function Scripts({ form }: { form: TenantForm }) {
  const versions = (form.draft['sandbox_versions_available'] as string[] | undefined) ?? [];
  if (versions.length === 0) return null;
  return (
    <Marked title={text.runtime.title} lead={text.runtime.lead} paths={['sandbox_version']}>
      <Select
        label={<Named path="sandbox_version">{text.runtime.version}</Named>} value={form.draft.sandbox_version ?? versions[0]!} disabled={!mayEdit()}
        options={versions.map((value) => ({ value, label: text.runtime.node(value) }))} onChange={(value) => form.set('sandbox_version', value)}
      />
    </Marked>
  );
}

import { useQuery } from '@tanstack/react-query';
import { config, tenantUrl, type Environment } from '../../api/config';
import { resourceServersQuery } from '../../api/resourceServers';
import { can } from '../../auth/me';
import { shell } from '../../text/shell';
import { tenant as text } from '../../text/tenant';
import { CopyLine, RadioCards, Section, Select, TextField } from '../../ui';
import { ErrorPageFields } from './ErrorPageFields';
import { mayEdit, type TenantForm } from './form';
import { Languages } from './Languages';
import { SettingsPage } from './SettingsPage';

export default function General() {
  return (
    <SettingsPage>
      {(form) => (
        <div className="sections">
          <About />
          <EnvironmentTag form={form} />
          <Identity form={form} />
          <Defaults form={form} />
          <ErrorPageFields form={form} />
          <Languages form={form} />
        </div>
      )}
    </SettingsPage>
  );
}

function About() {
  const { about } = text;
  const rows: [string, string][] = [
    [about.name, config.tenant.name],
    [about.domain, config.tenant.domain],
    [about.issuer, `${tenantUrl}/`],
    [about.audience, config.tenant.audience],
    [about.jwks, `${tenantUrl}/.well-known/jwks.json`],
    [about.discovery, `${tenantUrl}/.well-known/openid-configuration`],
  ];
  return (
    <Section title={about.title} lead={about.lead}>
      <dl className="facts">
        {rows.map(([name, value]) => <div key={name} style={{ display: 'contents' }}><dt>{name}</dt><dd><CopyLine value={value} what={name} /></dd></div>)}
      </dl>
    </Section>
  );
}

const ENVIRONMENTS: Environment[] = ['development', 'staging', 'production'];

function EnvironmentTag({ form }: { form: TenantForm }) {
  const isAllowed = can('update:tenants');
  return (
    <Section title={text.environment.title} lead={text.environment.lead}>
      <RadioCards
        label={text.environment.label} value={form.draft.environment} column={190}
        onChange={(tag) => form.set('environment', tag)}
        cards={ENVIRONMENTS.map((value) => ({ value, title: shell.environments[value], help: text.environment[value as 'staging'], disabled: !isAllowed }))}
        {...(!isAllowed && { help: text.environment.onlyAdmin })}
      />
    </Section>
  );
}

function Identity({ form }: { form: TenantForm }) {
  const { identity } = text;
  const field = (path: 'friendly_name' | 'picture_url' | 'support_email' | 'support_url') => ({
    value: form.draft[path] ?? '', onChange: (value: string) => form.set(path, value), error: form.errorOf(path), disabled: !mayEdit(),
  });
  return (
    <Section title={identity.title} lead={identity.lead}>
      <TextField label={identity.friendlyName} placeholder={config.tenant.name} {...field('friendly_name')} />
      <TextField label={identity.logo} help={identity.logoHelp} mono inputMode="url" {...field('picture_url')} />
      <TextField label={identity.supportEmail} inputMode="email" {...field('support_email')} />
      <TextField label={identity.supportUrl} mono inputMode="url" {...field('support_url')} />
    </Section>
  );
}

function Defaults({ form }: { form: TenantForm }) {
  const apis = useQuery(resourceServersQuery());
  const current = form.draft.default_audience ?? '';
  const known = (apis.data ?? []).map((api) => ({ value: api.identifier, label: api.name === undefined ? api.identifier : `${api.name} – ${api.identifier}` }));
  const options = [
    { value: '', label: text.defaults.audienceNone },
    ...known,
    // The list has the first hundred only, and an API may be gone.
    ...(current !== '' && !known.some(({ value }) => value === current) ? [{ value: current, label: apis.isSuccess && known.length < 100 ? text.defaults.audienceUnknown(current) : current }] : []),
  ];
  return (
    <Section title={text.defaults.title} lead={text.defaults.lead}>
      <Select label={text.defaults.audience} help={text.defaults.audienceHelp} value={current} options={options} disabled={!mayEdit()} onChange={(value) => form.set('default_audience', value)} />
      <TextField label={text.defaults.directory} help={text.defaults.directoryHelp} value={form.draft.default_directory ?? ''} disabled={!mayEdit()} onChange={(value) => form.set('default_directory', value)} />
    </Section>
  );
}

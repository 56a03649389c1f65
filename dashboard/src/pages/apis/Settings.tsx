// Everything about an API that can be set, saved as one change.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Versioned } from '../../api/http';
import { resourceServerQuery, revealSigningSecret, updateResourceServer, type ResourceServer } from '../../api/resourceServers';
import { mayRevoke } from '../../api/revocations';
import { draftStore } from '../../lib/drafts';
import { apis as words } from '../../text/apis';
import { revocations } from '../../text/revocations';
import {
  Button, CopyLine, DurationField, durationFault, Field, Notice, RadioCards, ReadOnly, refusal, SecretField, Select, Skeleton, Switch, TextField,
} from '../../ui';
import { SaveBar } from '../../ui/SaveBar';
import { RevokeAll } from '../revocations/RevokeAll';
import { useForm } from '../../ui/useForm';
import { DeleteApi } from './DeleteApi';
import { ALGORITHMS, dialectOf, hasPermissions, isManagementApi, nameFault, nameOf, profileOf, PROFILES } from './kinds';
import { Binding, Encryption, protectionFaults } from './Protected';
import { Section, type Part } from './Section';
import { Sections } from './Sections';
import { TokenReuseCard } from './TokenReuse';
import { useApi } from './useApi';

const draftOf = (id: string) => `resource-servers/${id}`;
const MOST_SECONDS = 2_592_000;
const RISKY = ['token_lifetime', 'signing_alg', 'token_dialect', 'enforce_policies', 'subject_type_authorization.client.policy', 'subject_type_authorization.user.policy', 'token_encryption', 'token_encryption.encryption_key.pem', 'proof_of_possession.mechanism', 'proof_of_possession.required'];

export default function Settings() {
  const read = useApi();
  return read === undefined ? <Skeleton lines={10} height={28} /> : <Editor key={read.value.id} read={read} />;
}

function check(api: ResourceServer): Record<string, string | undefined> {
  const [lifetime, forWeb] = [api.token_lifetime, api.token_lifetime_for_web];
  const system = api.is_system === true;
  return {
    ...(!system && { name: nameFault(api.name ?? '') }),
    token_lifetime: durationFault(lifetime, { least: system ? 60 : 1, most: MOST_SECONDS }),
    ...protectionFaults(api),
    ...(forWeb !== undefined && {
      token_lifetime_for_web: durationFault(forWeb, { most: MOST_SECONDS }) ?? (!system && lifetime !== undefined && forWeb > lifetime ? words.settings.webTooLong : undefined),
    }),
  };
}

function Editor({ read }: { read: Versioned<ResourceServer> }) {
  const id = read.value.id;
  const queries = useQueryClient();
  const form = useForm<ResourceServer>({
    key: draftOf(id),
    history: { kind: 'resource-servers', id },
    read,
    within: `/apis/${id}`,
    path: `/api/v2/resource-servers/${id}`,
    labels: words.fields,
    save: (patch, etag) => updateResourceServer(id, patch, etag),
    reload: () => queries.fetchQuery({ ...resourceServerQuery(id), staleTime: 0 }),
    check,
    merged: ['subject_type_authorization'],
  });
  const refused = refusal('update:resource_servers');
  const isSystem = read.value.is_system === true;
  const shown = words.settings.sections.filter(({ id }) => !isSystem || ['general', 'tokens'].includes(id));
  return (
    <div className="two">
      <Sections of={shown} />
      <div className="stack loose">
        {isSystem && <Notice>{isManagementApi(read.value) ? words.settings.managementApi : words.settings.systemApi}</Notice>}
        {!isSystem && <ReadOnly scope="update:resource_servers" />}
        <General form={form} refused={refused} />
        <Tokens form={form} refused={refused} />
        {!isSystem && (
          <>
            <Rbac form={form} refused={refused} />
            <Access form={form} refused={refused} />
            <Policy form={form} refused={refused} />
            <Encryption form={form} refused={refused} />
            <Binding form={form} refused={refused} />
            <TokenReuseCard api={read.value} refused={refused} />
            <Danger api={read.value} />
          </>
        )}
        <SaveBar form={form} risky={RISKY} refused={refused} />
      </div>
    </div>
  );
}

function General({ form, refused }: Part) {
  const { id, identifier, is_system: isSystem } = form.base;
  return (
    <Section id="general">
      <dl className="facts">
        <dt>{words.id}</dt><dd><CopyLine value={id} what={words.id} /></dd>
        <dt>{words.identifier}</dt><dd><CopyLine value={identifier} what={words.identifierOf(nameOf(form.base))} /><div className="muted small">{words.settings.identifierFixed}</div></dd>
      </dl>
      {isSystem !== true && (
        <TextField label={words.name} required disabled={refused !== undefined} value={form.draft.name ?? ''} onChange={(name) => form.set('name', name)} error={form.errorOf('name')} />
      )}
    </Section>
  );
}

function Tokens({ form, refused }: Part) {
  const { draft, base } = form;
  const isOff = refused !== undefined;
  const permissions = hasPermissions(draft.token_dialect);
  return (
    <Section id="tokens">
      <DurationField label={words.fields.token_lifetime} help={words.settings.lifetimeHelp} required disabled={isOff} value={draft.token_lifetime} onChange={(seconds) => form.set('token_lifetime', seconds)} error={form.errorOf('token_lifetime')} />
      <DurationField label={words.fields.token_lifetime_for_web} help={words.settings.webHelp} disabled={isOff} value={draft.token_lifetime_for_web} onChange={(seconds) => form.set('token_lifetime_for_web', seconds)} error={form.errorOf('token_lifetime_for_web')} />
      {base.is_system !== true && (
        <>
          <RadioCards
            label={words.profile} column={220} value={profileOf(draft.token_dialect)} onChange={(profile) => form.set('token_dialect', dialectOf(profile, permissions))}
            cards={PROFILES.map((card) => ({ ...card, disabled: isOff }))}
          />
          <Select label={words.algorithm} help={words.algorithmHelp[draft.signing_alg ?? 'RS256']} disabled={isOff} value={draft.signing_alg ?? 'RS256'} onChange={(algorithm) => form.set('signing_alg', algorithm)} options={ALGORITHMS} />
          {draft.signing_alg !== base.signing_alg && <Notice kind="warning" live>{words.settings.algorithmWarning}</Notice>}
          {base.signing_alg === 'HS256' && <Field label={words.signingSecret} help={words.settings.secretHelp}>{() => <div><SecretField what={words.signingSecret} fetch={() => revealSigningSecret(base.id)} /></div>}</Field>}
        </>
      )}
    </Section>
  );
}

function Rbac({ form, refused }: Part) {
  const { draft } = form;
  const isOn = draft.enforce_policies === true;
  const profile = profileOf(draft.token_dialect);
  return (
    <Section id="rbac">
      <Switch label={words.fields.enforce_policies} help={words.settings.rbacHelp} checked={isOn} disabled={refused !== undefined} onChange={(isOn) => { form.set('enforce_policies', isOn); if (!isOn) form.set('token_dialect', dialectOf(profile, false)); }} />
      <Switch
        label={words.settings.addPermissions} help={isOn ? words.settings.addPermissionsHelp : words.settings.addPermissionsNeedsRbac} checked={hasPermissions(draft.token_dialect)}
        disabled={refused !== undefined || !isOn} onChange={(isOn) => form.set('token_dialect', dialectOf(profile, isOn))}
      />
    </Section>
  );
}

function Access({ form, refused }: Part) {
  const { draft } = form;
  const isOff = refused !== undefined;
  return (
    <Section id="access">
      <Switch label={words.fields.skip_consent_for_verifiable_first_party_clients} help={words.settings.consentHelp} checked={draft.skip_consent_for_verifiable_first_party_clients === true} disabled={isOff} onChange={(isOn) => form.set('skip_consent_for_verifiable_first_party_clients', isOn)} />
      <Switch label={words.fields.allow_offline_access} help={words.settings.offlineHelp} checked={draft.allow_offline_access === true} disabled={isOff} onChange={(isOn) => form.set('allow_offline_access', isOn)} />
    </Section>
  );
}

function Policy({ form, refused }: Part) {
  const { draft } = form;
  const disabled = refused !== undefined;
  const { policies } = words.settings;
  return (
    <Section id="policy">
      <p className="muted measure">{words.settings.policyHelp}</p>
      <RadioCards
        label={words.fields['subject_type_authorization.user.policy']} column={180} value={draft.subject_type_authorization?.user?.policy ?? 'allow_all'}
        onChange={(policy) => form.set('subject_type_authorization.user.policy', policy)}
        cards={(['allow_all', 'require_client_grant', 'deny_all'] as const).map((value) => ({ value, title: policies[value], help: words.settings.userPolicyHelp[value], disabled }))}
      />
      <RadioCards
        label={words.fields['subject_type_authorization.client.policy']} column={180} value={draft.subject_type_authorization?.client?.policy ?? 'require_client_grant'}
        onChange={(policy) => form.set('subject_type_authorization.client.policy', policy)}
        cards={(['require_client_grant', 'deny_all'] as const).map((value) => ({ value, title: policies[value], help: words.settings.clientPolicyHelp[value], disabled }))}
      />
    </Section>
  );
}

function Danger({ api }: { api: ResourceServer }) {
  const navigate = useNavigate();
  const [doomed, setDoomed] = useState<ResourceServer>();
  const [isRevoking, setRevoking] = useState(false);
  return (
    <section id="danger" className="card danger" aria-labelledby="danger-title">
      <header><h2 id="danger-title">{words.settings.danger}</h2></header>
      <div className="body stack">
        <div className="row spread">
          <div className="grow"><p className="strong">{revocations.allButton}</p><p className="muted small measure">{revocations.apiHelp}</p></div>
          <Button kind="danger" reason={mayRevoke('resource_server') ? undefined : refusal('update:resource_servers')} onClick={() => setRevoking(true)}>{revocations.allButton}</Button>
        </div>
        <div className="row spread">
          <div className="grow"><p className="strong">{words.deleteApi}</p><p className="muted small measure">{words.settings.deleteHelp}</p></div>
          <Button kind="danger" reason={refusal('delete:resource_servers')} onClick={() => setDoomed(api)}>{words.deleteApi}</Button>
        </div>
      </div>
      <RevokeAll open={isRevoking} onClose={() => setRevoking(false)} kind="resource_server" subject={api.identifier} name={nameOf(api)} />
      <DeleteApi api={doomed} onClose={() => setDoomed(undefined)} onDeleted={() => { draftStore.drop(draftOf(api.id)); void navigate({ to: '/apis' }); }} />
    </section>
  );
}

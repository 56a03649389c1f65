import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Connection } from '../../../api/connections';
import { connections } from '../../../text/connections';
import { Allowed, Button, CopyLine, KeyValueField, LinesField, Notice, ReadOnly, refusal, Section, Switch, TextField } from '../../../ui';
import { SaveBar } from '../../../ui/SaveBar';
import { DeleteConnection } from '../DeleteConnection';
import { RISKY, useConnectionForm, type Part } from '../form';
import { isActive } from '../kinds';
import { useConnection } from '../useConnection';
import { Identifiers } from './Identifiers';

const text = connections.settings;

export default function Settings() {
  const { connection, read } = useConnection();
  const navigate = useNavigate();
  const form = useConnectionForm(read);
  const [doomed, setDoomed] = useState<Connection>();
  const refused = refusal('update:connections');
  const part = { form, disabled: refused !== undefined };
  return (
    <div className="stack">
      <ReadOnly scope="update:connections" />
      <div className="sections">
        <General {...part} />
        <Access {...part} />
        <Identifiers {...part} />
        <Allowed scope="delete:connections">
          <Section title={text.danger} lead={text.dangerLead} danger>
            <div><Button kind="danger" onClick={() => setDoomed(connection)}>{connections.remove.button}</Button></div>
          </Section>
        </Allowed>
      </div>
      <SaveBar form={form} risky={RISKY} refused={refused} />
      <DeleteConnection connection={doomed} onClose={() => setDoomed(undefined)} onDeleted={() => void navigate({ to: '/connections' })} />
    </div>
  );
}

function General({ form, disabled }: Part) {
  const { draft, base } = form;
  return (
    <Section title={text.general} lead={text.generalLead}>
      <dl className="facts">
        <dt>{connections.name}</dt><dd><CopyLine value={base.name} what={connections.name} /><div className="muted small">{text.fixedName}</div></dd>
        <dt>{connections.id}</dt><dd><CopyLine value={base.id} what={connections.idOf(base.name)} /></dd>
      </dl>
      <TextField label={text.displayName} help={text.displayNameHelp} disabled={disabled} value={draft.display_name ?? ''} onChange={(name) => form.set('display_name', name)} error={form.errorOf('display_name')} />
      <LinesField label={text.realms} help={text.realmsHelp} disabled={disabled} value={draft.realms} onChange={(realms) => form.set('realms', realms)} error={form.errorOf('realms')} />
      <KeyValueField label={text.metadata} help={text.metadataHelp} disabled={disabled} value={draft.metadata ?? {}} onChange={(pairs) => form.set('metadata', pairs)} />
    </Section>
  );
}

function Access({ form, disabled }: Part) {
  const { draft } = form;
  const options = draft.options ?? {};
  const setActive = (isOn: boolean) => {
    form.set('authentication', { ...draft.authentication, active: isOn });
    // The older option says the same, and would still keep everybody out.
    if (isOn && options.disable_sign_in === true) form.set('options.disable_sign_in', false);
  };
  return (
    <Section title={text.access} lead={text.accessLead}>
      <Switch label={text.active} help={text.activeHelp} disabled={disabled} checked={isActive(draft)} onChange={setActive} />
      <Switch label={text.signups} help={text.signupsHelp} disabled={disabled} checked={options.disable_signup !== true} onChange={(isOn) => form.set('options.disable_signup', !isOn)} />
      <Switch label={text.change} help={text.changeHelp} disabled={disabled} checked={options.disable_self_service_change_password !== true} onChange={(isOn) => form.set('options.disable_self_service_change_password', !isOn)} />
      <Switch label={text.brute} help={text.bruteHelp} disabled={disabled} checked={options.brute_force_protection !== false} onChange={(isOn) => form.set('options.brute_force_protection', isOn)} />
      <Switch label={text.domain} help={text.domainHelp} disabled={disabled} checked={draft.is_domain_connection === true} onChange={(isOn) => form.set('is_domain_connection', isOn)} />
      {draft.is_domain_connection === true && <Notice kind="warning" live>{text.domainWarning}</Notice>}
    </Section>
  );
}

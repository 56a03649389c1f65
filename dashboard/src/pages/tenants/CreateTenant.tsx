import { useState } from 'react';
import { tenantPath, type Environment } from '../../api/config';
import { ApiError } from '../../api/http';
import { createTenant, type Tenant } from '../../api/tenant';
import { isTenantName, nameRules } from '../../lib/tenantName';
import { shell } from '../../text/shell';
import { tenants as text } from '../../text/tenants';
import { ui } from '../../text/ui';
import { Button, classes, CopyLine, Dialog, ErrorPanel, RadioCards, TextField } from '../../ui';
import { Check, X } from '../../ui/icons';
import { useAttempt } from '../../ui/useAttempt';

const ENVIRONMENTS: Environment[] = ['development', 'staging', 'production'];

/** Asks for a name and a tag; then offers to go there. */
export function CreateTenant({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [environment, setEnvironment] = useState<Environment>('development');
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt, forgetError } = useAttempt();
  const [made, setMade] = useState<Tenant>();
  const isTaken = error instanceof ApiError && error.statusCode === 409;
  const fault = isTaken ? text.nameTaken : !isTried || isTenantName(name) ? undefined : name === '' ? text.nameMissing : text.nameInvalid;

  const create = async () => {
    setTried(true);
    if (!isTenantName(name)) return;
    await attempt(async () => {
      setMade(await createTenant({ name, environment }));
    });
  };

  if (made !== undefined) return <Ready tenant={made} onClose={onClose} />;
  return (
    <Dialog
      open onClose={onClose} title={text.create} width={620}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void create()}>{text.create}</Button></>}
    >
      <form className="stack" noValidate onSubmit={(event) => { event.preventDefault(); void create(); }}>
        <TextField label={text.name} help={text.nameHelp} required mono value={name} error={fault} placeholder="acme-dev" maxLength={80} autoCapitalize="none" onChange={(value) => { setName(value); forgetError(); }} />
        <Rules name={name} />
        <RadioCards
          label={text.environment} help={text.environmentHelp} value={environment} onChange={setEnvironment} column={160}
          cards={ENVIRONMENTS.map((value) => ({ value, title: shell.environments[value], help: text.environments[value] }))}
        />
        <button type="submit" hidden />
      </form>
      {error !== undefined && !isTaken && <ErrorPanel error={error} />}
    </Dialog>
  );
}

/** The rules, each with whether it is met so far. */
function Rules({ name }: { name: string }) {
  const { rules } = text;
  return (
    <ul className="stack tight small" aria-label={rules.title} style={{ gap: 2, marginTop: -8 }}>
      {Object.entries(nameRules(name)).map(([rule, isMet]) => {
        const Icon = isMet ? Check : X;
        const isOpen = name === '';
        return (
          <li key={rule} className={classes('row nowrap', isOpen ? 'muted' : isMet ? 'text-success' : 'text-danger')}>
            {isOpen ? <span aria-hidden style={{ width: 14, textAlign: 'center' }}>·</span> : <Icon className="icon" size={14} aria-hidden />}
            <span>{rules[rule as 'length']}</span>
            {!isOpen && <span className="sr">{isMet ? rules.met : rules.unmet}</span>}
          </li>
        );
      })}
    </ul>
  );
}

function Ready({ tenant, onClose }: { tenant: Tenant; onClose: () => void }) {
  return (
    <Dialog
      open onClose={onClose} title={text.readyTitle(tenant.name)} width={520} small
      footer={<><Button onClick={onClose}>{text.stay}</Button><a className="button primary" href={tenantPath(tenant.name)}>{text.switchTo(tenant.name)}</a></>}
    >
      <p>{text.readyLead}</p>
      <dl className="facts">
        <dt>{text.columns.domain}</dt><dd><CopyLine value={tenant.domain} what={text.columns.domain} /></dd>
        <dt>{text.columns.audience}</dt><dd><CopyLine value={tenant.audience} what={text.columns.audience} /></dd>
        <dt>{text.columns.environment}</dt><dd><span className="environment" data-environment={tenant.environment}>{shell.environmentShort[tenant.environment]}</span></dd>
      </dl>
    </Dialog>
  );
}

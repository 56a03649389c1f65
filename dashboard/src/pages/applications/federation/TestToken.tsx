import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Client } from '../../../api/clients';
import { testOutsideToken, type TokenTest, type TrustedIssuer } from '../../../api/federation';
import { federation as text } from '../../../text/federation';
import { inspector } from '../../../text/inspector';
import { ui } from '../../../text/ui';
import { Button, classes, Dialog, ErrorPanel, TextArea } from '../../../ui';
import { CircleCheck, CircleX } from '../../../ui/icons';
import '../../inspector/inspector.css';

/** Says of a workload's token whether it would be believed, check by check. */
export function TestToken({ client, issuer, onClose }: { client: Client; issuer: TrustedIssuer; onClose: () => void }) {
  const [token, setToken] = useState('');
  const test = useMutation({ mutationFn: () => testOutsideToken(client.client_id, issuer.id, token.trim()) });
  return (
    <Dialog
      open onClose={onClose} title={text.testTitle(issuer.name)} width={680}
      footer={<><Button onClick={onClose}>{ui.close}</Button><Button kind="primary" busy={test.isPending} disabled={token.trim() === ''} onClick={() => test.mutate()}>{text.testButton}</Button></>}
    >
      <p className="muted">{text.testLead}</p>
      <TextArea label={text.token} mono rows={6} value={token} onChange={setToken} placeholder="eyJ…" />
      {test.isError && <ErrorPanel error={test.error} />}
      {test.data !== undefined && <Checks test={test.data} />}
    </Dialog>
  );
}

function Checks({ test: { valid, checks } }: { test: TokenTest }) {
  const Icon = valid ? CircleCheck : CircleX;
  return (
    <section className={classes('verdict', valid ? 'good' : 'bad')} aria-label={text.checks}>
      <p className="headline" role="status"><Icon className="icon" size={20} aria-hidden />{valid ? text.valid : text.invalid(checks.filter(({ ok }) => !ok).length)}</p>
      <ul>
        {checks.map(({ name, ok, message }, place) => {
          const Mark = ok ? CircleCheck : CircleX;
          return (
            <li key={place} className={ok ? 'good' : 'bad'} data-check={name}>
              <Mark className="icon" size={16} aria-hidden />
              <span className="name anywhere">{text.checkNames[name] ?? name}<span className="sr"> {ok ? inspector.passed : inspector.failed}:</span></span>
              <span className="anywhere">{message}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

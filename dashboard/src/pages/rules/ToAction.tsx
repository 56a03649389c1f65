// What a rule would be as an action, and what of it does not come along, before the action is made.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asActionQuery, turnIntoAction, type AsAction, type Rule } from '../../api/rules';
import { rules } from '../../text/rules';
import { ui } from '../../text/ui';
import { Button, CodeBlock, Dialog, ErrorPanel, Notice, Skeleton, TextField, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';

const text = rules.turning;

export function ToAction({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const navigate = useNavigate();
  const shown = useQuery(asActionQuery(rule.id));
  const [name, setName] = useState(rule.name);
  const { isBusy, error, attempt } = useAttempt();
  const fault = name.trim() === '' ? ui.nameMissing : undefined;
  const create = () => attempt(async () => {
    if (fault !== undefined) return;
    const made = await turnIntoAction(rule.id, name.trim());
    toast(text.created(made.name));
    await navigate({ to: '/actions/library/$id', params: { id: made.id } });
  });
  return (
    <Dialog
      open onClose={onClose} title={text.title(rule.name)} width={720}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} disabled={!shown.isSuccess} onClick={() => void create()}>{text.confirm}</Button></>}
    >
      <p>{text.lead}</p>
      <TextField label={text.name} required value={name} onChange={setName} maxLength={255} error={fault} />
      {shown.isPending ? <Skeleton lines={4} height={24} /> : shown.isError ? <ErrorPanel error={shown.error} retry={() => void shown.refetch()} /> : <Shown {...shown.data} />}
      <p className="muted">{text.then}</p>
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

function Shown({ code, secrets, untranslated }: AsAction) {
  return (
    <>
      {untranslated.length === 0 ? <Notice kind="success">{text.whole}</Notice> : (
        <section className="stack tight">
          <h3>{text.not}</h3>
          <div className="scroll-x" role="region" aria-label={text.not} tabIndex={0}>
            <table className="plain">
              <thead><tr><th scope="col">{text.notName}</th><th scope="col">{text.notWhy}</th></tr></thead>
              <tbody>{untranslated.map(({ name, message }) => <tr key={name}><td><code className="anywhere">{name}</code></td><td>{message}</td></tr>)}</tbody>
            </table>
          </div>
        </section>
      )}
      <p>{secrets.length === 0 ? text.noSecrets : text.secrets(secrets)}</p>
      <details><summary className="summary">{text.code}</summary><CodeBlock what={text.code} code={code} /></details>
    </>
  );
}

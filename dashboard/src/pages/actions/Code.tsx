// The draft: edited, saved, tried, deployed.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useId, useState } from 'react';
import { actionQuery, bindingsQuery, deployAction, isRun as runs, readAction, saveAction, triggerOf, type Action } from '../../api/actions';
import type { Versioned } from '../../api/http';
import { actions } from '../../text/actions';
import { ui } from '../../text/ui';
import { Button, ErrorPanel, Notice, ReadOnly, refusal, Skeleton, TextField, toast } from '../../ui';
import { SaveBar } from '../../ui/SaveBar';
import { useAttempt } from '../../ui/useAttempt';
import { useForm } from '../../ui/useForm';
import type { Fault } from './CodeEditor';
import { isTooLong } from './limits';
import { Reference } from './Reference';
import { TestRun } from './TestRun';

const CodeEditor = lazy(() => import('./CodeEditor'));
const text = actions.editor;

export default function Code() {
  const { id } = useParams({ from: '/actions/library/$id/code' });
  const { data } = useQuery(actionQuery(id));
  return data === undefined ? null : <Editor read={data} />;
}

function Editor({ read }: { read: Versioned<Action> }) {
  const action = read.value;
  const isRun = runs(triggerOf(action));
  const helpId = useId();
  const [fault, setFault] = useState<Fault>();
  const refused = refusal('update:actions');
  const form = useForm<Action>({
    key: `actions/${action.id}`, read, within: `/actions/library/${action.id}`, path: `/api/v2/actions/actions/${action.id}`, labels: actions.fields,
    save: (body, etag) => saveAction(action.id, body, etag),
    reload: () => readAction(action.id),
    check: (draft) => ({
      name: draft.name.trim() === '' ? ui.nameMissing : undefined,
      code: isTooLong(draft.code) ? text.tooLong : undefined,
    }),
  });
  const isEdited = form.changes.length > 0;
  return (
    <div className="stack loose">
      <ReadOnly scope="update:actions" />
      <TextField label={actions.fields['name']} required value={form.draft.name} maxLength={255} onChange={refused === undefined ? (name) => form.set('name', name) : undefined} error={form.errorOf('name')} />
      <div className="stack tight">
        <Suspense fallback={<Skeleton height={360} />}>
          <CodeEditor
            label={text.code} describedBy={helpId} language="javascript" value={form.draft.code} onFault={setFault}
            onChange={refused === undefined ? (code) => form.set('code', code) : undefined}
          />
        </Suspense>
        <p className="muted small" id={helpId}>{text.leave}</p>
        {form.errorOf('code') !== undefined && <p className="error-text">{form.errorOf('code')}</p>}
        {isRun && fault !== undefined && <Notice kind="danger" live>{text.syntax(fault.line)}</Notice>}
        {isRun && fault === undefined && !isEdited && action.status === 'failed' && <Notice kind="danger">{text.failed}</Notice>}
      </div>
      <Reference trigger={triggerOf(action)} />
      <Deploy action={action} isEdited={isEdited} reason={isRun && fault !== undefined ? `${text.failedReason.replace(/\.$/, '')} (${text.line(fault.line)}).` : undefined} />
      {isRun && <TestRun action={action} isEdited={isEdited} />}
      <SaveBar form={form} refused={refused} />
    </div>
  );
}

function Deploy({ action, isEdited, reason }: { action: Action; isEdited: boolean; reason: string | undefined }) {
  const { isBusy, error, attempt } = useAttempt();
  const trigger = triggerOf(action);
  const bindings = useQuery({ ...bindingsQuery(trigger), enabled: runs(trigger) && action.deployed_version !== undefined });
  const isBound = bindings.data?.some((binding) => binding.action.id === action.id) ?? true;
  const blocked = refusal('create:actions') ?? reason ?? (isEdited ? text.deployFirst : action.all_changes_deployed ? text.deployedAlready : undefined);
  const deploy = () => attempt(async () => toast(text.deployed((await deployAction(action.id)).number)));
  return (
    <div className="stack tight">
      <div className="row">
        <Button kind={isEdited ? undefined : 'primary'} busy={isBusy} reason={blocked} onClick={() => void deploy()}>{text.deploy}</Button>
        {blocked !== undefined && <span className="muted small">{blocked}</span>}
      </div>
      {!isBound && <Notice kind="warning">{text.notBound} <Link to="/actions/trigger" search={{ trigger } as never}>{text.toOrder}</Link></Notice>}
      {error !== undefined && <ErrorPanel error={error} />}
    </div>
  );
}

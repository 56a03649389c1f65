// One rule: edited, tried, turned on, or into an action.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense, useId, useState } from 'react';
import { ApiError, type Versioned } from '../../api/http';
import { readRule, ruleQuery, rulesQuery, saveRule, type Rule as Read } from '../../api/rules';
import { can } from '../../auth/me';
import { actions } from '../../text/actions';
import { rules as text } from '../../text/rules';
import { Button, ErrorPanel, LiveDot, Notice, PageHeader, ReadOnly, refusal, Skeleton, Switch, TextField } from '../../ui';
import { FileCode } from '../../ui/icons';
import { SaveBar } from '../../ui/SaveBar';
import { useForm } from '../../ui/useForm';
import type { Fault } from '../actions/CodeEditor';
import { isTooLong } from '../actions/limits';
import { nameFault } from './name';
import { ToAction } from './ToAction';
import { TryRule } from './TryRule';

const CodeEditor = lazy(() => import('../actions/CodeEditor'));

export default function Rule() {
  const { id } = useParams({ from: '/rules/$id' });
  const rule = useQuery(ruleQuery(id));
  const list = useQuery(rulesQuery());
  const data = rule.data?.value;
  const isGone = rule.error instanceof ApiError && rule.error.statusCode === 404;
  const place = list.data?.findIndex((one) => one.id === id) ?? -1;
  const facts = data && (
    <>
      <LiveDot state={data.enabled ? 'on' : 'off'}>{data.enabled ? text.on : text.off}</LiveDot>
      {place >= 0 && <span className="muted">{text.editor.place(place + 1, list.data!.length)}</span>}
    </>
  );
  return (
    <>
      <PageHeader title={data?.name ?? (isGone ? text.gone : '')} section={text.title} back={{ to: '/rules', label: text.title }} {...(facts && { facts })} />
      {rule.isPending ? <Skeleton lines={8} height={24} />
        : rule.isError ? (isGone ? <Notice>{text.gone}.</Notice> : <ErrorPanel error={rule.error} retry={() => void rule.refetch()} />)
          : <Editor key={id} read={rule.data} />}
    </>
  );
}

function Editor({ read }: { read: Versioned<Read> }) {
  const { id } = read.value;
  const [isTurning, setTurning] = useState(false);
  const helpId = useId();
  const [fault, setFault] = useState<Fault>();
  const refused = refusal('update:rules');
  const form = useForm<Read>({
    key: `rules/${id}`, read, within: `/rules/${id}`, path: `/api/v2/rules/${id}`, labels: text.fields,
    save: (body, etag) => saveRule(id, body, etag),
    reload: () => readRule(id),
    check: ({ name, script, enabled }) => ({
      name: nameFault(name),
      script: isTooLong(script) ? text.editor.tooLong : enabled && fault !== undefined ? actions.editor.syntax(fault.line) : undefined,
    }),
  });
  const isEdited = form.changes.length > 0;
  const may = <Change,>(change: Change) => (refused === undefined ? change : undefined);
  return (
    <div className="stack loose">
      <ReadOnly scope="update:rules" />
      <TextField label={text.fields['name']} required value={form.draft.name} maxLength={255} onChange={may((name: string) => form.set('name', name))} error={form.errorOf('name')} />
      <Switch label={text.fields['enabled']} help={text.editor.enabledHelp} checked={form.draft.enabled} disabled={refused !== undefined} onChange={(enabled) => form.set('enabled', enabled)} />
      <div className="stack tight">
        <Suspense fallback={<Skeleton height={360} />}>
          <CodeEditor label={text.editor.code} describedBy={helpId} language="function" value={form.draft.script} onFault={setFault} onChange={may((script: string) => form.set('script', script))} />
        </Suspense>
        <p className="muted small" id={helpId}>{actions.editor.leave}</p>
        {fault !== undefined && <Notice kind="danger" live>{actions.editor.syntax(fault.line)}</Notice>}
        {fault === undefined && form.errorOf('script') !== undefined && <p className="error-text">{form.errorOf('script')}</p>}
      </div>
      {can('create:actions') && refused === undefined && (
        <div className="row">
          <Button icon={FileCode} reason={isEdited ? text.turning.saveFirst : undefined} onClick={() => setTurning(true)}>{text.turn}</Button>
          {isEdited && <span className="muted small">{text.turning.saveFirst}</span>}
        </div>
      )}
      <TryRule script={form.draft.script} />
      {isTurning && <ToAction rule={read.value} onClose={() => setTurning(false)} />}
      <SaveBar form={form} risky={['script', 'enabled']} refused={refused} />
    </div>
  );
}

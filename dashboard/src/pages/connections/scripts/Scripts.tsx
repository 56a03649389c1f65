// The scripts that know a database's people, and what they are told.
import { lazy, Suspense, useId, useState } from 'react';
import type { DatabaseOptions, ScriptName } from '../../../api/connections';
import { connectionScripts as text } from '../../../text/connectionScripts';
import { Button, FieldError, Notice, RadioCards, ReadOnly, refusal, Section, Select, Skeleton, Switch, toast, useSearchParam } from '../../../ui';
import { SaveBar } from '../../../ui/SaveBar';
import type { Fault } from '../../actions/CodeEditor';
import { RISKY, setOptions, useConnectionForm, type Part } from '../form';
import { keptOf } from '../kinds';
import { useConnection } from '../useConnection';
import { Configuration } from './Configuration';
import { ONLY_ELSEWHERE, SCRIPTS, TEMPLATES } from './templates';
import { TryScript } from './TryScript';

const CodeEditor = lazy(() => import('../../actions/CodeEditor'));

const WAYS: Record<ReturnType<typeof keptOf>, Pick<DatabaseOptions, 'enabledDatabaseCustomization' | 'import_mode'>> = {
  here: { enabledDatabaseCustomization: false, import_mode: false },
  copied: { enabledDatabaseCustomization: true, import_mode: true },
  elsewhere: { enabledDatabaseCustomization: true, import_mode: false },
};

export default function Scripts() {
  const { read } = useConnection();
  const form = useConnectionForm(read);
  const refused = refusal('update:connections');
  const part = { form, disabled: refused !== undefined };
  const kept = keptOf(form.draft.options ?? {});
  return (
    <div className="stack">
      <ReadOnly scope="update:connections" />
      <div className="sections">
        <Where {...part} />
        {kept !== 'here' && <Configuration {...part} etag={read.etag} />}
      </div>
      {kept !== 'here' && <Code {...part} />}
      <SaveBar form={form} risky={RISKY} refused={refused} />
    </div>
  );
}

function Where({ form, disabled }: Part) {
  const options = form.draft.options ?? {};
  const kept = keptOf(options);
  return (
    <Section title={text.kept} lead={text.keptLead}>
      <RadioCards
        label={text.where} column={190} value={kept} onChange={(kept) => setOptions(form, (options) => ({ ...options, ...WAYS[kept] }))}
        cards={(['here', 'copied', 'elsewhere'] as const).map((value) => ({ value, title: text.whereCards[value]![0], help: text.whereCards[value]![1], disabled }))}
      />
      {kept !== 'here' && (
        <>
          <Notice>{text.sandbox}</Notice>
          {(options.customScripts?.login ?? '').trim() === '' && <Notice kind="warning">{text.loginMissing}</Notice>}
          <Switch label={text.context} help={text.contextHelp} disabled={disabled} checked={options.enable_script_context === true} onChange={(isOn) => form.set('options.enable_script_context', isOn)} />
          <Select
            label={text.root} disabled={disabled} value={options.set_user_root_attributes ?? 'on_each_login'} onChange={(when) => form.set('options.set_user_root_attributes', when)}
            options={(['on_each_login', 'on_first_login', 'never_on_login'] as const).map((value) => ({ value, label: text.rootChoices[value] }))}
          />
        </>
      )}
    </Section>
  );
}

function Code({ form, disabled }: Part) {
  const titleId = useId();
  const helpId = useId();
  const [named, setNamed] = useSearchParam('script', 'login');
  const [fault, setFault] = useState<Fault>();
  const script = SCRIPTS.find((script) => script === named) ?? 'login';
  const codeOf = (script: ScriptName) => form.draft.options?.customScripts?.[script] ?? '';
  const code = codeOf(script);
  const path = `options.customScripts.${script}`;
  const isCopied = form.draft.options?.import_mode === true;
  const error = form.errorOf(path);
  const insert = () => {
    form.set(path, TEMPLATES[script]);
    if (code.trim() !== '') toast(text.templateReplaced, { undo: () => form.set(path, code) });
  };
  return (
    <section className="stack loose" aria-labelledby={titleId} style={{ borderTop: '1px solid var(--line)', paddingTop: 24 }}>
      <div><h2 id={titleId}>{text.code}</h2><p className="muted">{text.codeLead}</p></div>
      <div className="row spread" style={{ alignItems: 'flex-end' }}>
        <div style={{ minWidth: 220 }}>
          <Select label={text.which} value={script} onChange={setNamed} options={SCRIPTS.map((value) => ({ value, label: `${text.names[value]} – ${codeOf(value).trim() === '' ? text.unset : text.set}` }))} />
        </div>
        {!disabled && <Button disabled={code === TEMPLATES[script]} onClick={insert}>{text.template}</Button>}
      </div>
      <div className="stack tight">
        <p className="muted measure">{text.when[script]} {isCopied && ONLY_ELSEWHERE.includes(script) && text.notCalled}</p>
        <Suspense fallback={<Skeleton height={320} />}>
          <CodeEditor
            key={script} label={text.editor(text.names[script])} describedBy={helpId} language="javascript" value={code} height={320} onFault={setFault}
            onChange={disabled ? undefined : (code) => { if (code !== codeOf(script)) form.set(path, code); }}
          />
        </Suspense>
        <p className="muted small" id={helpId}>{text.leave}</p>
        {error !== undefined && <FieldError>{error}</FieldError>}
        {fault !== undefined && code.trim() !== '' && <Notice kind="danger" live>{text.syntax(fault.line)}</Notice>}
      </div>
      {!disabled && <TryScript key={`try ${script}`} connection={form.base} script={script} code={code} hasContext={form.draft.options?.enable_script_context === true} />}
    </section>
  );
}

// The code as it stands, tried with somebody and a login: what it called back, and what it changed of them.
import { lazy, Suspense, useId, useState } from 'react';
import { tryRule, type TriedRule } from '../../api/rules';
import { can } from '../../auth/me';
import { changesBetween } from '../../lib/diff';
import { objectOf, pretty } from '../../lib/json';
import { rules } from '../../text/rules';
import { Button, CodeBlock, ErrorPanel, LiveDot, Notice, refusal, Select, Skeleton } from '../../ui';
import { Play } from '../../ui/icons';
import { Changes } from '../../ui/SaveBar';
import { useAttempt } from '../../ui/useAttempt';
import { CONTEXTS, USER, type Sample } from './samples';
import { Somebody } from './Somebody';

const CodeEditor = lazy(() => import('../actions/CodeEditor'));
const text = rules.test;
const SAMPLES = (Object.keys(CONTEXTS) as Sample[]).map((value) => ({ value, label: text.sample[value] }));

type Given = { user: Record<string, unknown>; context: Record<string, unknown> };

export function TryRule({ script }: { script: string }) {
  const id = useId();
  const [sample, setSample] = useState<Sample>('code');
  const [user, setUser] = useState(() => pretty(USER));
  const [context, setContext] = useState(() => pretty(CONTEXTS.code));
  const [tried, setTried] = useState<{ given: Given; came: TriedRule }>();
  const [bad, setBad] = useState<string>();
  const { isBusy, error, attempt } = useAttempt();
  const choose = (sample: Sample) => {
    setSample(sample);
    setContext(pretty(CONTEXTS[sample]));
  };
  /** The login becomes theirs, where it still can be read. */
  const take = (found: Record<string, unknown>) => {
    setUser(pretty(found));
    setContext((context) => {
      const login = objectOf(context);
      return login === undefined ? context : pretty({ ...login, primaryUser: found['user_id'] });
    });
  };
  const run = () => {
    const [parsedUser, parsedContext] = [objectOf(user), objectOf(context)];
    setBad(parsedUser === undefined ? 'user' : parsedContext === undefined ? 'context' : undefined);
    if (parsedUser === undefined || parsedContext === undefined) return;
    const given = { user: parsedUser, context: parsedContext };
    void attempt(async () => setTried({ given, came: await tryRule({ script, ...given }) }));
  };
  return (
    <section className="stack" aria-labelledby={id}>
      <div><h2 id={id}>{text.title}</h2><p className="muted measure">{text.lead}</p></div>
      <div className="grid">
        <Select label={text.samples} value={sample} onChange={choose} options={SAMPLES} />
        {can('read:users') && <Somebody onFound={take} />}
      </div>
      <div className="grid">
        {([['user', text.user, user, setUser], ['context', text.context, context, setContext]] as const).map(([name, label, value, set]) => (
          <div key={name} className="stack tight">
            <p className="strong small" aria-hidden>{label}</p>
            <Suspense fallback={<Skeleton height={240} />}>
              <CodeEditor label={label} language="json" value={value} onChange={set} height={240} />
            </Suspense>
          </div>
        ))}
      </div>
      {bad !== undefined && <p className="error-text" role="alert">{text.badJson(bad)}</p>}
      <div className="row">
        <Button icon={Play} busy={isBusy} reason={refusal('update:rules')} onClick={run}>{text.run}</Button>
        <Button kind="quiet" onClick={() => { setUser(pretty(USER)); choose(sample); }}>{text.reset}</Button>
      </div>
      {error !== undefined && <ErrorPanel error={error} />}
      {tried !== undefined && <Result {...tried} />}
    </section>
  );
}

function Result({ given, came: { user, context, denied, error, logs = [], stats } }: { given: Given; came: TriedRule }) {
  const ms = stats?.action_duration_ms ?? 0;
  const changes = user !== undefined && context !== undefined ? changesBetween(given, { user, context }) : [];
  const away = (context?.['redirect'] as { url?: unknown } | undefined)?.url;
  return (
    <section className="stack" aria-label={text.result}>
      <p role="status"><LiveDot state={error !== undefined ? 'error' : denied !== undefined ? 'warning' : 'on'}>{error !== undefined ? text.threw(error.name, ms) : text.ok(ms)}</LiveDot></p>
      {denied !== undefined && <Notice kind="warning">{text.denied}: {denied}</Notice>}
      {error !== undefined && <><Notice kind="danger">{error.message} <span className="muted">{text.failed}</span></Notice><CodeBlock label={error.name} what={error.name} code={error.stack} /></>}
      {user !== undefined && (changes.length === 0 ? <p className="muted">{text.unchanged}</p>
        : <><h3>{text.changes}</h3><Changes label={text.changes} past rows={changes.map(({ path, keys, old, new: now }) => ({ name: keys.at(-1)!, path, old, new: now }))} /></>)}
      {typeof away === 'string' && <Notice>{text.away(away)}</Notice>}
      {logs.length === 0 ? <p className="muted small">{text.noConsole}</p> : <CodeBlock label={text.console} what={text.console} code={logs.join('\n')} />}
      {user !== undefined && <details><summary className="summary">{text.back}</summary><CodeBlock what={text.back} code={pretty({ user, context })} /></details>}
    </section>
  );
}

// The saved draft, tried with an event: what it wrote, what it called, and what the token would be.
import { lazy, Suspense, useId, useState } from 'react';
import { triggerOf, tryAction, type Action, type Tried } from '../../api/actions';
import { objectOf, pretty } from '../../lib/json';
import { actions } from '../../text/actions';
import { Button, CodeBlock, ErrorPanel, LiveDot, Notice, refusal, Skeleton } from '../../ui';
import { Play } from '../../ui/icons';
import { useAttempt } from '../../ui/useAttempt';
import { effectOf } from './effect';
import { eventFor } from './samples';

const CodeEditor = lazy(() => import('./CodeEditor'));
const text = actions.test;

export function TestRun({ action, isEdited }: { action: Action; isEdited: boolean }) {
  const id = useId();
  const trigger = triggerOf(action);
  const sample = () => pretty(eventFor(trigger));
  const [event, setEvent] = useState(sample);
  const [tried, setTried] = useState<{ event: unknown; outcome: Tried }>();
  const [isBad, setBad] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const run = () => {
    const parsed = objectOf(event);
    setBad(parsed === undefined);
    if (parsed !== undefined) void attempt(async () => setTried({ event: parsed, outcome: await tryAction(action.id, parsed) }));
  };
  return (
    <section className="stack" aria-labelledby={id}>
      <div><h2 id={id}>{text.title}</h2><p className="muted">{text.lead}</p></div>
      <Suspense fallback={<Skeleton height={200} />}>
        <CodeEditor label={text.event} language="json" value={event} onChange={setEvent} height={200} />
      </Suspense>
      {isBad && <p className="error-text" role="alert">{text.badJson}</p>}
      <div className="row">
        <Button icon={Play} busy={isBusy} reason={refusal('create:actions') ?? (isEdited ? text.saveFirst : undefined)} onClick={run}>{text.run}</Button>
        <Button kind="quiet" onClick={() => setEvent(sample())}>{text.sample}</Button>
        {isEdited && <span className="muted small">{text.saveFirst}</span>}
      </div>
      {error !== undefined && <ErrorPanel error={error} />}
      {tried !== undefined && <Result trigger={trigger} {...tried} />}
    </section>
  );
}

function Result({ trigger, event, outcome: { error, logs = [], calls = [], stats } }: { trigger: string; event: unknown; outcome: Tried }) {
  const { before, after, denied, away } = effectOf(trigger, event, calls);
  const [wasBefore, isAfter] = [text.before(trigger), text.after(trigger)];
  return (
    <section className="stack" aria-label={text.result}>
      <p role="status"><LiveDot state={error !== undefined ? 'error' : denied !== undefined ? 'warning' : 'on'}>{error !== undefined ? text.threw(error.name) : text.ok(stats?.action_duration_ms ?? 0)}</LiveDot></p>
      {error !== undefined && <CodeBlock label={`${error.name}: ${error.message}`} what={error.name} code={error.stack} />}
      {denied !== undefined && <Notice kind="warning">{text.denied(trigger)}: <code>{denied.code}</code> {denied.reason}</Notice>}
      {away !== undefined && <Notice>{text.away(away)}</Notice>}
      {error === undefined && denied === undefined && before !== undefined && (
        <div className="grid" style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(min(280px, 100%), 1fr))' }}>
          <CodeBlock label={wasBefore} what={wasBefore} code={pretty(before)} />
          <CodeBlock label={isAfter} what={isAfter} code={pretty(after)} />
        </div>
      )}
      {logs.length === 0 ? <p className="muted small">{text.noConsole}</p> : <CodeBlock label={text.console} what={text.console} code={logs.join('\n')} />}
      {calls.length === 0 ? <p className="muted small">{text.noCalls}</p>
        : <CodeBlock label={text.calls} what={text.calls} code={calls.map(({ name, arguments: given }) => `api.${name}(${given.map((one) => JSON.stringify(one)).join(', ')})`).join('\n')} />}
    </section>
  );
}

// The rules, hooks and actions that ran: how long, what they wrote, and which one failed. Times are remembered for a while;
// what was written stands in the event itself.
import { useQuery } from '@tanstack/react-query';
import { executionQuery } from '../../api/actions';
import type { LogEvent } from '../../api/logs';
import { can } from '../../auth/me';
import { executed as text } from '../../text/executed';
import { CodeBlock, LiveDot } from '../../ui';

type Details = {
  actions?: { executions?: string[]; console?: { action: string; lines: string[] }[] };
  error?: { name?: string; message?: string; stack?: string };
};

export function Executed({ event }: { event: LogEvent }) {
  const { actions, error } = (event.details ?? {}) as Details;
  const id = actions?.executions?.[0];
  const run = useQuery({ ...executionQuery(id ?? ''), enabled: id !== undefined && can('read:actions') });
  if (actions === undefined) return null;
  const spoken = actions.console ?? [];
  const steps = run.data?.results.map(({ action_name: name, error, logs = [], started_at, ended_at }) => ({ name, error, lines: logs, ms: Date.parse(ended_at) - Date.parse(started_at) }))
    ?? spoken.map(({ action: name, lines }) => ({ name, lines, error: undefined, ms: undefined }));
  return (
    <section className="stack tight">
      <h3>{text.title}</h3>
      <ol className="stack tight" aria-label={text.title}>
        {steps.map(({ name, error, lines, ms }, place) => (
          <li key={place} className="stack tight">
            <span className="row"><span className="strong anywhere">{name}</span>
              {error !== undefined ? <LiveDot state="error">{text.failed(error.id, error.msg)}</LiveDot> : ms !== undefined && <LiveDot state="on">{text.ran(ms)}</LiveDot>}
            </span>
            {lines.length > 0 ? <CodeBlock what={text.console(name)} code={lines.join('\n')} /> : <span className="muted small">{text.silent}</span>}
          </li>
        ))}
      </ol>
      {run.isError && <p className="muted small">{text.forgotten}</p>}
      {error?.stack !== undefined && <CodeBlock label={text.stack} what={text.stack} code={error.stack} />}
    </section>
  );
}

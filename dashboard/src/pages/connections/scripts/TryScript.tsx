// What stands in the editor, run with made-up arguments.
import { useId, useState } from 'react';
import { tryScript, type Connection, type ScriptName, type Tried } from '../../../api/connections';
import { connectionScripts } from '../../../text/connectionScripts';
import { Button, CodeBlock, ErrorPanel, LiveDot, TextArea, TextField } from '../../../ui';
import { Play } from '../../../ui/icons';
import { useAttempt } from '../../../ui/useAttempt';
import { ARGUMENTS, SAMPLE } from './templates';

const text = connectionScripts.test;

export function TryScript({ connection, script, code, hasContext }: { connection: Connection; script: ScriptName; code: string; hasContext: boolean }) {
  const id = useId();
  const [typed, setTyped] = useState(SAMPLE);
  const [tried, setTried] = useState<Tried>();
  const { isBusy, error, attempt } = useAttempt();
  const user = parse(typed.user);
  const isBad = ARGUMENTS[script].includes('user') && user === undefined;
  const run = () => attempt(async () => {
    setTried(undefined);
    const given = ARGUMENTS[script].map((argument) => (argument === 'user' ? user : typed[argument]));
    const context = { connection: { id: connection.id, name: connection.name }, client: null, request: { ip: '127.0.0.1', user_agent: navigator.userAgent } };
    setTried(await tryScript(connection.id, { script, code, arguments: hasContext ? [...given, context] : given }));
  });
  return (
    <section className="stack" aria-labelledby={id}>
      <div><h3 id={id}>{text.title}</h3><p className="muted">{text.lead}</p></div>
      <div className="grid">
        {ARGUMENTS[script].map((argument) => {
          const field = { key: argument, label: text.arguments[argument], value: typed[argument], onChange: (value: string) => setTyped({ ...typed, [argument]: value }) };
          const { key, ...rest } = field;
          return argument === 'user' ? <TextArea key={key} {...rest} mono rows={6} error={isBad ? text.badJson : undefined} /> : <TextField key={key} {...rest} />;
        })}
      </div>
      <div><Button icon={Play} busy={isBusy} reason={code.trim() === '' ? text.empty : isBad ? text.badJson : undefined} onClick={() => void run()}>{text.run}</Button></div>
      {error !== undefined && <ErrorPanel error={error} />}
      {tried !== undefined && <Result {...tried} />}
    </section>
  );
}

function Result({ value, refusal, error, logs, duration_ms: ms }: Tried) {
  return (
    <section className="stack" aria-label={text.result}>
      <p role="status">
        <LiveDot state={error !== undefined ? 'error' : refusal !== undefined ? 'warning' : 'on'}>
          {error !== undefined ? text.threw(error.name) : refusal !== undefined ? text.refusal(refusal.name) : text.ok(ms)}
        </LiveDot>
      </p>
      {error !== undefined && <CodeBlock label={`${error.name}: ${error.message}`} what={error.name} code={error.stack} />}
      {refusal !== undefined && <p>{refusal.message} {refusal.name === 'WrongUsernameOrPasswordError' && <span className="muted">{refusal.about ? text.knownUser : text.unknownUser}.</span>}</p>}
      {error === undefined && refusal === undefined && (value === null || value === undefined ? <p>{text.nothing}</p> : <CodeBlock label={text.value} what={text.value} code={JSON.stringify(value, null, 2)} />)}
      {logs.length > 0 && <CodeBlock label={text.console} what={text.console} code={logs.join('\n')} />}
    </section>
  );
}

/** An object, or nothing. */
function parse(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

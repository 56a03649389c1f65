// The Management API by hand, with the rights of who is signed in. No token is pasted or shown.
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { tenantUrl } from '../../../api/config';
import { Unreachable, urlOf } from '../../../api/http';
import { queryClient } from '../../../api/query';
import { bearer, refused } from '../../../auth/session';
import { curl } from '../../../lib/curl';
import { apis as words } from '../../../text/apis';
import { Badge, Button, CodeBlock, Field, Notice, Select, Skeleton, TextArea, TextField, ErrorPanel } from '../../../ui';
import { Play } from '../../../ui/icons';
import { useApi } from '../useApi';
import { isManagementApi } from '../kinds';
import { isApiPath, METHODS, OPERATIONS, type Method } from './operations';

type Call = { method: Method; path: string; body: string };
type Answer = Call & { status: number; statusText: string; ms: number; bytes: number; headers: [string, string][]; text: string };

const MOST_SHOWN = 200_000;
const FIRST = OPERATIONS['applications']![0]!.path;

async function send({ method, path, body }: Call): Promise<Answer> {
  const hasBody = method !== 'GET' && body.trim() !== '';
  const attempt = (token: string) => {
    const headers = new Headers({ authorization: `Bearer ${token}`, ...(hasBody && { 'content-type': 'application/json' }) });
    return fetch(urlOf(path), { method, headers, body: hasBody ? body : null }).catch(() => { throw new Unreachable(); });
  };
  const token = await bearer();
  let began = performance.now();
  let answer = await attempt(token);
  if (answer.status === 401) {
    const fresh = await refused(token);
    began = performance.now();
    answer = await attempt(fresh);
  }
  const text = await answer.text();
  const ms = performance.now() - began;
  // What was changed by hand is read anew by every page.
  if (method !== 'GET' && answer.ok) void queryClient.invalidateQueries();
  return { method, path, body, status: answer.status, statusText: answer.statusText, ms, bytes: new TextEncoder().encode(text).length, headers: [...answer.headers], text };
}

export default function Explorer() {
  const read = useApi();
  if (read === undefined) return <Skeleton lines={6} height={34} />;
  return isManagementApi(read.value) ? <Bench /> : <Notice>{words.explorer.only}</Notice>;
}

function Bench() {
  const [call, setCall] = useState<Call>({ method: 'GET', path: FIRST, body: '' });
  const run = useMutation({ mutationFn: send });
  const set = (part: Partial<Call>) => setCall({ ...call, ...part });
  const path = call.path.trim();
  const fault = isApiPath(path) ? undefined : words.explorer.badPath;
  const bodyFault = call.method === 'GET' || call.body.trim() === '' || isJson(call.body) ? undefined : words.explorer.badBody;
  const known = Object.values(OPERATIONS).flat().find((operation) => operation.path === call.path)?.path ?? '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (fault === undefined && bodyFault === undefined && !run.isPending) run.mutate({ ...call, path });
  };
  return (
    <div className="stack loose">
      <p className="muted measure">{words.explorer.lead}</p>
      <form className="card" aria-label={words.explorer.request} noValidate onSubmit={submit}>
        <div className="body stack">
          <Field label={words.explorer.operation}>
            {(tie) => (
              <select {...tie} className="input" value={known} onChange={(event) => event.target.value !== '' && set({ method: 'GET', path: event.target.value })}>
                <option value="">{words.explorer.own}</option>
                {Object.entries(OPERATIONS).map(([group, operations]) => (
                  <optgroup key={group} label={words.explorer.groups[group as keyof typeof words.explorer.groups]}>
                    {operations.map(({ label, path }) => <option key={path} value={path}>{label}</option>)}
                  </optgroup>
                ))}
              </select>
            )}
          </Field>
          <div className="call-row">
            <Select label={words.explorer.method} value={call.method} onChange={(method) => set({ method })} options={METHODS.map((value) => ({ value, label: value }))} />
            <TextField label={words.explorer.path} mono value={call.path} onChange={(path) => set({ path })} error={fault} />
          </div>
          {call.method !== 'GET' && (
            <>
              <TextArea label={words.explorer.body} mono rows={6} value={call.body} onChange={(body) => set({ body })} error={bodyFault} placeholder="{ }" />
              <Notice kind="warning">{words.explorer.changes}</Notice>
            </>
          )}
          <div className="row"><Button kind="primary" icon={Play} type="submit" busy={run.isPending}>{words.explorer.run}</Button></div>
        </div>
      </form>
      {run.isError && <ErrorPanel error={run.error} />}
      {run.data !== undefined && <Shown answer={run.data} />}
      <section className="stack" aria-labelledby="curl-title">
        <h2 id="curl-title">{words.explorer.command}</h2>
        <CodeBlock label="cURL" what={words.explorer.command} code={commandOf({ ...call, path })} />
        <p className="muted small">{words.explorer.commandHelp}</p>
      </section>
    </div>
  );
}

function Shown({ answer }: { answer: Answer }) {
  const isGood = answer.status < 400;
  const text = pretty(answer.text);
  return (
    <section className="stack" aria-labelledby="answer-title">
      <div className="row spread">
        <h2 id="answer-title">{words.explorer.answer}</h2>
        <div className="row small" role="status">
          <Badge kind={isGood ? 'success' : 'danger'}>{`${answer.status} ${answer.statusText}`.trim()}</Badge>
          <span className="muted number">{words.explorer.measures(answer.ms, answer.bytes)}</span>
        </div>
      </div>
      {text === '' ? <p className="well muted">{words.explorer.nothing}</p> : <CodeBlock label="JSON" what={words.explorer.answer} code={text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}\n…` : text} copy={() => text} />}
      <details>
        <summary>{words.explorer.headers(answer.headers.length)}</summary>
        <dl className="facts headers">{answer.headers.map(([name, value]) => <div key={name}><dt><code>{name}</code></dt><dd><code>{value}</code></dd></div>)}</dl>
      </details>
    </section>
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const pretty = (text: string): string => (isJson(text) ? JSON.stringify(JSON.parse(text), null, 2) : text);

const commandOf = ({ method, path, body }: Call): string => {
  const hasBody = method !== 'GET' && body.trim() !== '';
  return curl({
    url: tenantUrl + path,
    ...(method !== 'GET' && { method }),
    headers: { authorization: 'Bearer $TOKEN', ...(hasBody && { 'content-type': 'application/json' }) },
    ...(hasBody && { body: isJson(body) ? JSON.stringify(JSON.parse(body)) : body }),
  });
};

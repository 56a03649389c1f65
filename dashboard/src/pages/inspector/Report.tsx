// What a token says and what it is worth. The pages that have a token show it with this.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { inspectToken, type Inspection } from '../../api/extras';
import { resourceServersQuery, type ResourceServer } from '../../api/resourceServers';
import { inspector as words } from '../../text/inspector';
import { classes, CodeBlock, CopyButton, ErrorPanel, Notice, Segments } from '../../ui';
import { CircleCheck, CircleX, Clock } from '../../ui/icons';
import { decode, type Decoded } from './decode';
import { Explained } from './Explained';
import './inspector.css';

const CHECKS = ['signature', 'issuer', 'audience', 'time', 'scopes', 'revocation'] as const;

// Nothing of a token stays in the cache once it is out of sight.
const inspectionQuery = (body: { token: string; audience?: string; scope?: string }) =>
  queryOptions({ queryKey: ['inspect', body], queryFn: () => inspectToken(body), gcTime: 0, staleTime: 5_000, refetchInterval: 20_000 });

/** `audience` and `scope` are what the API that reads it needs; without an audience it is the one the token names. */
export function TokenReport({ token: text, audience = '', scope = '' }: { token: string; audience?: string | undefined; scope?: string | undefined }) {
  const decoded = useMemo(() => decode(text), [text]);
  const isReadable = decoded.claims !== undefined;
  const inspection = useQuery({
    ...inspectionQuery({ token: decoded.token, ...(audience !== '' && { audience }), ...(scope.trim() !== '' && { scope: scope.trim().replace(/\s+/g, ' ') }) }),
    enabled: isReadable,
    placeholderData: (before) => before,
  });
  const apis = useQuery({ ...resourceServersQuery(), enabled: isReadable });
  if (decoded.fault === 'empty') return null;
  const api = apis.data?.find(({ identifier }) => (audience === '' ? audiencesOf(decoded).includes(identifier) : identifier === audience));
  return (
    <div className="stack report">
      {decoded.fault !== undefined && (
        <Notice kind={decoded.fault === 'encrypted' ? 'warning' : 'danger'} live>
          <p className="strong">{words.faultTitle}</p>
          <p>{words.faults[decoded.fault]}</p>
        </Notice>
      )}
      {isReadable && (inspection.isError ? <ErrorPanel error={inspection.error} title={words.unchecked} retry={() => void inspection.refetch()} /> : <Checks inspection={inspection.data} api={api} />)}
      {isReadable && <Lifetime claims={decoded.claims ?? {}} />}
      <Views decoded={decoded} api={api} />
    </div>
  );
}

const audiencesOf = ({ claims }: Decoded): unknown[] => [claims?.['aud']].flat();

function Checks({ inspection, api }: { inspection: Inspection | undefined; api: ResourceServer | undefined }) {
  const failed = inspection?.checks.filter(({ ok }) => !ok).length ?? 0;
  const isValid = inspection !== undefined && failed === 0;
  const Icon = inspection === undefined ? Clock : isValid ? CircleCheck : CircleX;
  return (
    <section className={classes('verdict', inspection !== undefined && (isValid ? 'good' : 'bad'))} aria-label={words.checksTitle}>
      <p className="headline" role="status">
        <Icon className="icon" size={20} aria-hidden />
        {inspection === undefined ? words.checking : isValid ? words.valid(api?.name ?? api?.identifier ?? '') : words.invalid(failed)}
      </p>
      <ul>
        {CHECKS.map((name) => {
          const check = inspection?.checks.find((check) => check.name === name);
          const Mark = check?.ok === true ? CircleCheck : check === undefined ? Clock : CircleX;
          return (
            <li key={name} className={classes(check !== undefined && (check.ok ? 'good' : 'bad'))} data-check={name}>
              <Mark className="icon" size={16} aria-hidden />
              <span className="name">{words.checks[name]}{check !== undefined && <span className="sr"> {check.ok ? words.passed : words.failed}:</span>}</span>
              <span className="anywhere">{check?.message ?? '…'}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** How much of its time is left, as a bar with its words; when it expires is said by its check. */
function Lifetime({ claims }: { claims: Record<string, unknown> }) {
  const [from, to] = [claims['iat'], claims['exp']];
  if (typeof from !== 'number' || typeof to !== 'number' || to <= from) return null;
  const left = Math.min(Math.max((to - Date.now() / 1000) / (to - from), 0), 1);
  const percent = Math.round(left * 100);
  return (
    <div className="lifetime">
      <progress max={100} value={percent} aria-hidden />
      <span className="muted small number">{words.left(percent)}</span>
    </div>
  );
}

function Views({ decoded, api }: { decoded: Decoded; api: ResourceServer | undefined }) {
  const [view, setView] = useState<'explained' | 'raw'>('explained');
  return (
    <section className="stack tight" aria-label={words.viewsLabel}>
      <div className="row spread">
        <Segments label={words.viewsLabel} value={view} onChange={setView} options={(['explained', 'raw'] as const).map((value) => ({ value, label: words.views[value] }))} />
        <CopyButton value={decoded.token} what={words.token} small={false} />
      </div>
      {view === 'explained' ? <Explained decoded={decoded} api={api} /> : <Raw decoded={decoded} />}
    </section>
  );
}

function Raw({ decoded }: { decoded: Decoded }) {
  return (
    <div className="stack tight">
      <pre className="compact" tabIndex={0} role="region" aria-label={words.parts}>
        {decoded.parts.map((part, index) => <span key={index}>{index > 0 && '.'}<span className={`part${index % 3}`}>{part}</span></span>)}
      </pre>
      {decoded.header !== undefined && <CodeBlock label={words.header} what={words.header} code={JSON.stringify(decoded.header, null, 2)} />}
      {decoded.claims !== undefined && <CodeBlock label={words.payload} what={words.payload} code={JSON.stringify(decoded.claims, null, 2)} />}
    </div>
  );
}

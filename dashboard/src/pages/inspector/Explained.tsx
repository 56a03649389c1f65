// Header and claims, each with its value as people read it and what it means.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { clientQuery } from '../../api/clients';
import { tenantUrl } from '../../api/config';
import type { ResourceServer } from '../../api/resourceServers';
import { can } from '../../auth/me';
import { showAgo, showTime } from '../../lib/time';
import { inspector as words } from '../../text/inspector';
import type { Decoded } from './decode';

type Words = Record<string, string | ((value: string) => string)>;

const TIMES = new Set(['exp', 'iat', 'nbf', 'auth_time']);
// Who, for whom, by whom, what, when: the order in which a token is read.
const ORDER = ['iss', 'sub', 'aud', 'azp', 'client_id', 'gty', 'scope', 'permissions', 'iat', 'nbf', 'exp', 'jti'];
const place = (name: string) => (ORDER.indexOf(name) === -1 ? ORDER.length : ORDER.indexOf(name));

export function Explained({ decoded, api }: { decoded: Decoded; api: ResourceServer | undefined }) {
  const isOurs = decoded.claims?.['iss'] === `${tenantUrl}/`;
  const claims = Object.entries(decoded.claims ?? {}).sort(([one], [other]) => place(one) - place(other));
  return (
    <div className="stack">
      {decoded.claims !== undefined && (
        <Table title={words.payload} rows={claims} meanings={words.claims} otherwise={words.custom} show={(name, value) => <Claim name={name} value={value} api={api} isOurs={isOurs} />} />
      )}
      {decoded.header !== undefined && (
        <Table title={words.header} rows={Object.entries(decoded.header)} meanings={words.headers} otherwise={words.unknownHeader} show={(_, value) => <code>{plain(value)}</code>} />
      )}
    </div>
  );
}

function Table({ title, rows, meanings, otherwise, show }: {
  title: string;
  rows: [string, unknown][];
  meanings: Words;
  otherwise: string;
  show: (name: string, value: unknown) => ReactNode;
}) {
  return (
    <div className="stack tight">
      <h3>{title}</h3>
      <dl className="claims">
        {rows.map(([name, value]) => {
          const meaning = Object.hasOwn(meanings, name) ? meanings[name] : undefined;
          return (
            <div key={name}>
              <dt><code>{name}</code></dt>
              <dd className="value anywhere">{show(name, value)}</dd>
              <dd className="meaning">{meaning === undefined ? otherwise : typeof meaning === 'string' ? meaning : meaning(plain(value))}</dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value) ?? '');

function Claim({ name, value, api, isOurs }: { name: string; value: unknown; api: ResourceServer | undefined; isOurs: boolean }) {
  if (TIMES.has(name) && typeof value === 'number') return <Time seconds={value} />;
  if ((name === 'azp' || name === 'client_id') && typeof value === 'string') return <Application id={value} isOurs={isOurs} />;
  if (name === 'scope' && typeof value === 'string') return <Scopes scopes={value.split(' ').filter((scope) => scope !== '')} api={api} />;
  if (name === 'permissions' && Array.isArray(value)) return <Scopes scopes={value.map(String)} api={api} />;
  if (name === 'aud' && api !== undefined) {
    return <><code>{[value].flat().map(String).join(', ')}</code> <Link to="/apis/$id" params={{ id: api.id }}>{api.name ?? api.identifier}</Link></>;
  }
  return <code>{plain(value)}</code>;
}

function Time({ seconds }: { seconds: number }) {
  const ms = seconds * 1000;
  // What lies beyond every calendar is shown as the number it is.
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return <code>{seconds}</code>;
  return <><time dateTime={new Date(ms).toISOString()} className="number">{words.local(showTime(ms), showAgo(ms))}</time> <code className="muted small">{seconds}</code></>;
}

function Application({ id, isOurs }: { id: string; isOurs: boolean }) {
  const client = useQuery({ ...clientQuery(id), enabled: isOurs && can('read:clients'), retry: false, staleTime: 60_000 });
  return (
    <>
      <code>{id}</code>
      {client.data !== undefined && <> <Link to="/applications/$clientId" params={{ clientId: id }}>{client.data.value.name}</Link></>}
    </>
  );
}

function Scopes({ scopes, api }: { scopes: string[]; api: ResourceServer | undefined }) {
  if (scopes.length === 0) return <code>""</code>;
  return (
    <ul className="scope-list">
      {scopes.map((value) => {
        const known = api?.scopes?.find((scope) => scope.value === value);
        return <li key={value}><code>{value}</code> {api !== undefined && <span className="muted small">{known === undefined ? words.unknownScope : known.description}</span>}</li>;
      })}
    </ul>
  );
}

// What somebody should look at, from numbers that the page has anyway.
import type { Client } from '../../api/clients';
import type { LastUsed, LatencyStats, TokenStats } from '../../api/extras';
import type { SigningKey } from '../../api/keys';
import type { Environment } from '../../api/config';
import { meanOf, sum } from '../../lib/stats';
import { showNumber } from '../../lib/time';
import { home as text } from '../../text/home';
import { SAMPLE } from './facts';

export type Remark = { key: string; kind: 'warning' | 'info'; words: string; to: string; search?: Record<string, string> };

const DAY_MS = 86_400_000;
const SLOW_MS = 250;
const OLD_DAYS = 180;
const MOST = 6;

export function remarks(of: {
  clients: Client[];
  used: Record<string, LastUsed>;
  reasons: TokenStats | undefined;
  latency: LatencyStats | undefined;
  keys: SigningKey[];
  identifiers: string[];
  environment: Environment;
  now: number;
}): Remark[] {
  const found: Remark[] = [];
  const named = of.clients.flatMap((client) => (of.used[client.client_id] === undefined ? [] : [{ client, used: of.used[client.client_id]! }]));
  for (const { client, used } of named.filter(({ used }) => used.refused_24h >= 3 && used.refused_24h * 10 >= used.issued_24h).sort((one, other) => other.used.refused_24h - one.used.refused_24h).slice(0, 3)) {
    found.push({
      key: client.client_id, kind: 'warning', words: text.refusedOften(client.name, showNumber(used.refused_24h), showNumber(used.refused_24h + used.issued_24h)),
      to: '/logs', search: { client: client.client_id, is: 'error' },
    });
  }
  const unknown = sum(of.reasons?.series.find(({ key }) => key === 'unknown_client')?.refused ?? []);
  if (unknown > 0) found.push({ key: 'unknown', kind: 'warning', words: text.unknownClient(showNumber(unknown)), to: '/logs', search: { q: 'type:feccft AND NOT _exists_:client_name' } });
  const p95 = meanOf(of.latency?.p95 ?? [], of.latency?.count ?? []);
  if (p95 !== undefined && p95 > SLOW_MS) found.push({ key: 'slow', kind: 'warning', words: text.slow(`${showNumber(Math.round(p95))} ms`), to: '/usage' });
  if (of.environment === 'production' && of.identifiers.includes(SAMPLE)) found.push({ key: 'sample', kind: 'warning', words: text.sampleInProduction, to: '/apis' });
  const since = of.keys.find((key) => key.current === true)?.current_since;
  const days = since === undefined ? 0 : Math.floor((of.now - new Date(since).getTime()) / DAY_MS);
  if (days >= OLD_DAYS) found.push({ key: 'key', kind: 'info', words: text.oldKey(showNumber(days)), to: '/tenant/signing-keys' });
  // In a tenant that has just begun, nobody has.
  const isUsed = named.some(({ used }) => used.last_used !== null);
  const never = named.filter(({ client, used }) => used.last_used === null && client.app_type === 'non_interactive');
  if (isUsed && never.length > 0) found.push({ key: 'never', kind: 'info', words: text.neverUsed(never.length, never[0]!.client.name), to: never.length === 1 ? `/applications/${encodeURIComponent(never[0]!.client.client_id)}/quickstart` : '/applications' });
  return found.slice(0, MOST);
}

// What a failure means, what to do about it, and where: by the type of the event and the words the server gives.
import type { LogEvent } from '../../api/logs';
import { logs } from '../../text/logs';

export type Place = { to: string; label: string };
export type Explanation = { meaning: string; fix: string; places: Place[] };

type Key = keyof typeof logs.explain;
type Where = keyof typeof logs.links;

// The words begin as the server's refusals do.
const REFUSALS: [RegExp, Key, Where[]][] = [
  [/^Missing client_id/, 'missingClientId', ['quickstart']],
  [/^Failed client authentication|assertion/i, 'badAssertion', ['credentials', 'federation']],
  [/DPoP|proof|certificate/i, 'noProof', ['apiSettings', 'settings']],
  [/authorization_details/, 'details', ['apiSettings']],
  [/^Service not (enabled|found)/, 'unknownApi', ['allApis']],
  [/client-grant/, 'noGrant', ['apis']],
  [/^Client has not been granted scopes/, 'scope', ['apis', 'permissions']],
  [/^No audience parameter/, 'noAudience', ['tenant', 'quickstart']],
  [/^Grant type '.*' not allowed/, 'grantType', ['settings']],
  [/^Grant type not supported/, 'unsupportedGrant', ['quickstart']],
  [/does not allow access by clients/, 'clientsDenied', ['apiSettings']],
  [/^Resource server /, 'apiRefuses', ['apiSettings']],
  [/organization/, 'organization', ['apis']],
  [/^Missing required|invalid|malformed|must /i, 'malformed', ['quickstart']],
];

// What the decision trace calls it, where the words that a caller hears say less.
const REASONED: Record<string, [Key, Where[]]> = {
  wrong_method: ['wrongMethod', ['credentials']],
  bad_assertion: ['badAssertion', ['credentials', 'federation']],
  replayed_assertion: ['replayed', ['quickstart']],
  expired_credential: ['expired', ['credentials']],
  no_proof: ['noProof', ['apiSettings', 'settings']],
  authorization_details: ['details', ['apiSettings']],
  too_many_attempts: ['tooMany', ['protection', 'credentials']],
};

const TYPES: Record<string, [Key, Where[]]> = {
  fapi: ['apiFailed', []],
  api_limit: ['apiLimit', ['usage']],
  api_limit_warning: ['apiLimit', ['usage']],
  token_quota_consumption_warning: ['quota', ['usage']],
  limit_wc: ['blocked', ['protection']],
  limit_mu: ['slowed', ['protection']],
  fp: ['password', []],
  fu: ['noUser', ['administrators']],
  f: ['login', []],
  fsa: ['silent', []],
  feacft: ['code', []],
  fertft: ['refresh', []],
  ferrt: ['reuse', []],
  flo: ['logout', ['settings']],
  actions_execution_failed: ['action', []],
  depnote: ['deprecated', []],
};

/** Whether the application that an event names is known: only then the server has a name for it. */
const isKnown = (event: LogEvent) => (event.client_name ?? '') !== '';

export function explain(event: LogEvent): Explanation | undefined {
  if (event.type === 'feccft') {
    const reason = (event.details?.['trace'] as { reason?: string } | undefined)?.reason ?? '';
    if (reason in REASONED) return told(event, ...REASONED[reason]!);
    const description = event.description ?? '';
    if (description === 'Unauthorized') return isKnown(event) ? told(event, 'wrongSecret', ['credentials']) : told(event, 'unknownClient', ['applications']);
    const found = REFUSALS.find(([words]) => words.test(description));
    return told(event, found?.[1] ?? 'refused', found?.[2] ?? ['quickstart']);
  }
  const found = TYPES[event.type];
  return found === undefined ? undefined : told(event, ...found);
}

/** Why a token was refused, in the words of its explanation; where that says no more than that, as the server put it. */
export function reasonOf(event: LogEvent): string {
  const meaning = explain(event)?.meaning;
  const isVague = meaning === logs.explain.refused[0] || meaning === logs.explain.malformed[0];
  return (isVague ? event.description : undefined) || meaning || event.description || '';
}

function told(event: LogEvent, key: Key, where: Where[]): Explanation {
  const [meaning, fix] = logs.explain[key] as [string, string];
  return { meaning, fix, places: where.flatMap((name) => place(event, name) ?? []) };
}

function place(event: LogEvent, name: Where): Place | undefined {
  const client = isKnown(event) && event.client_id !== undefined ? `/applications/${encodeURIComponent(event.client_id)}` : undefined;
  const api = event.audience === undefined || event.audience === '' ? undefined : `/apis/${encodeURIComponent(event.audience)}`;
  const to = {
    credentials: client && `${client}/credentials`,
    federation: client && `${client}/federation`,
    protection: '/attack-protection',
    settings: client && `${client}/settings`,
    apis: client && `${client}/apis`,
    quickstart: client && `${client}/quickstart`,
    apiSettings: api && `${api}/settings`,
    permissions: api && `${api}/permissions`,
    applications: '/applications',
    allApis: '/apis',
    tenant: '/tenant/general',
    usage: '/usage',
    administrators: '/administrators',
    keys: '/tenant/signing-keys',
  }[name];
  return to === undefined ? undefined : { to, label: logs.links[name] };
}

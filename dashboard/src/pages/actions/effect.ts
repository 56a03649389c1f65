// What the calls of a run would make of a token: the server's own rules are stricter, and only they count.
import type { Tried } from '../../api/actions';

export type Token = Record<string, unknown>;
export type Effect = { before: Token; after: Token; denied?: { code: string; reason: string } };

type Event = { accessToken?: { customClaims?: Token; scope?: string[] } };

/** The token that an event tells of, without what only the server adds. */
const tokenOf = ({ accessToken }: Event): Token => ({ ...accessToken?.customClaims, scope: (accessToken?.scope ?? []).join(' ') });

export function effectOf(event: unknown, calls: NonNullable<Tried['calls']>): Effect {
  const before = tokenOf((event ?? {}) as Event);
  const granted = String(before['scope']).split(' ').filter((scope) => scope !== '');
  const after = { ...before };
  let scopes: unknown[] = granted;
  for (const { name, arguments: [first, second] } of calls) {
    if (name === 'access.deny') return { before, after: before, denied: { code: String(first), reason: String(second ?? '') } };
    if (name === 'accessToken.setCustomClaim') {
      if (second === null || second === undefined) delete after[String(first)];
      else after[String(first)] = second;
    }
    if (name === 'transaction.addTargetScope') scopes = [...scopes, first];
    if (name === 'transaction.removeTargetScope') scopes = scopes.filter((scope) => scope !== first);
    if (name === 'transaction.setTargetScopes') scopes = Array.isArray(first) ? first : [];
    if (name === 'transaction.clearTargetScopes') scopes = [];
  }
  return { before, after: { ...after, scope: granted.filter((scope) => scopes.includes(scope)).join(' ') } };
}

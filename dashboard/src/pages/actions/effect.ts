// What the calls of a run would come to: the server's own rules are stricter, and only they count.
import type { Tried } from '../../api/actions';

type Json = Record<string, unknown>;

/** `before` and `after` are what the trigger can change; of one that changes nothing they are missing. */
export type Effect = { before?: Json; after?: Json; denied?: { code: string; reason: string }; away?: string };
type Calls = NonNullable<Tried['calls']>;

type Event = { accessToken?: { customClaims?: Json; scope?: string[] }; transaction?: { requested_scopes?: string[] }; user?: { user_metadata?: Json; app_metadata?: Json } };

export function effectOf(trigger: string, event: unknown, calls: Calls): Effect {
  const told = (event ?? {}) as Event;
  const denied = calls.find(({ name }) => name === 'access.deny' || name === 'validation.error' || name === 'session.revoke');
  const effect = EFFECTS[trigger]?.(told, calls) ?? {};
  if (denied === undefined) return effect;
  const [first, second] = denied.arguments.map((one) => String(one ?? ''));
  // Only where there is a second word does the first one say more than why.
  const words = second === undefined ? { code: 'access_denied', reason: first ?? '' } : { code: first ?? '', reason: second };
  return { ...effect, ...(effect.before && { after: effect.before }), denied: words };
}

const EFFECTS: Record<string, (event: Event, calls: Calls) => Effect> = {
  'credentials-exchange': ({ accessToken }, calls) => {
    const scopes = accessToken?.scope ?? [];
    const granted = scopesAfter(scopes, calls).filter((scope) => scopes.includes(String(scope)));
    const before = { ...accessToken?.customClaims };
    return { before: { ...before, scope: scopes.join(' ') }, after: { ...laid(before, calls, 'accessToken.setCustomClaim'), scope: granted.join(' ') } };
  },
  'post-login': ({ transaction, user }, calls) => {
    const scopes = transaction?.requested_scopes ?? [];
    const away = calls.find(({ name }) => name === 'redirect.sendUserTo');
    return {
      before: { id_token: {}, access_token: {}, scope: scopes.join(' '), ...metadataOf(user) },
      after: {
        id_token: laid({}, calls, 'idToken.setCustomClaim'), access_token: laid({}, calls, 'accessToken.setCustomClaim'), scope: scopesAfter(scopes, calls).join(' '),
        ...metadataAfter(user, calls),
      },
      ...(away && { away: String(away.arguments[0]) }),
    };
  },
  'pre-user-registration': ({ user }, calls) => ({ before: metadataOf(user), after: metadataAfter(user, calls) }),
};

const metadataOf = (user: Event['user']) => ({ user_metadata: { ...user?.user_metadata }, app_metadata: { ...user?.app_metadata } });

const metadataAfter = (user: Event['user'], calls: Calls) => ({
  user_metadata: laid({ ...user?.user_metadata }, calls, 'user.setUserMetadata'),
  app_metadata: laid({ ...user?.app_metadata }, calls, 'user.setAppMetadata'),
});

/** What a function that sets and removes by name leaves. */
function laid(before: Json, calls: Calls, name: string): Json {
  const after = { ...before };
  for (const { arguments: [key, value] } of calls.filter((call) => call.name === name)) {
    if (value === null || value === undefined) delete after[String(key)];
    else after[String(key)] = value;
  }
  return after;
}

function scopesAfter(before: unknown[], calls: Calls): unknown[] {
  let scopes = before;
  for (const { name, arguments: [first] } of calls) {
    if (name === 'transaction.addTargetScope' || name === 'accessToken.addScope') scopes = [...new Set([...scopes, first])];
    if (name === 'transaction.removeTargetScope' || name === 'accessToken.removeScope') scopes = scopes.filter((scope) => scope !== first);
    if (name === 'transaction.setTargetScopes') scopes = Array.isArray(first) ? first : [];
    if (name === 'transaction.clearTargetScopes') scopes = [];
  }
  return scopes;
}

// Permissions as people paste them: one per line, "name: description", where the name itself may hold colons.

const RESERVED = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access', 'name', 'nickname', 'picture', 'given_name', 'family_name', 'created_at', 'identities', 'updated_at']);

/** Whether a name is one of OpenID Connect's own, which no API may have. */
export const isReserved = (scope: string): boolean => RESERVED.has(scope);

export type Read = { scopes: { value: string; description?: string }[]; bad?: { fault: 'reserved' | 'malformed'; scope: string } | undefined };

/** The permissions of a text, each once, and the first thing that is wrong with it. */
export function readScopes(text: string): Read {
  const scopes = new Map<string, string>();
  let bad: Read['bad'];
  for (const line of text.split('\n').map((line) => line.trim()).filter((line) => line !== '')) {
    // The name ends at a colon that a blank follows, or at the first blank.
    const [, value = '', description = ''] = line.match(/^(\S+?)(?::\s+|\s+|:?$)(.*)$/) ?? [];
    if (isReserved(value)) bad ??= { fault: 'reserved', scope: value };
    else if (value.length > 280 || /["\\]/.test(value)) bad ??= { fault: 'malformed', scope: value };
    scopes.set(value, description.trim());
  }
  return { scopes: [...scopes].map(([value, description]) => ({ value, ...(description !== '' && { description }) })), bad };
}

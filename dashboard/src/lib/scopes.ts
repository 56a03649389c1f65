// Permissions as people paste them: one per line, "name: description", where the name itself may hold colons.

/** The most characters that a permission has. */
export const MOST_CHARACTERS = 280;

// What means something to OpenID Connect and so cannot be an API's own; the server refuses the same.
const RESERVED = [
  'address', 'created_at', 'email', 'email_verified', 'family_name', 'given_name', 'identities', 'name', 'nickname', 'offline_access', 'openid',
  'phone', 'picture', 'profile',
];

/** Whether a name is one of OpenID Connect's own, which no API may have. */
export const isReserved = (scope: string): boolean => RESERVED.includes(scope);

export type Read = { scopes: { value: string; description?: string }[]; bad?: { fault: 'reserved' | 'malformed'; scope: string } | undefined };

/** The permissions of a text, each once, and the first thing that is wrong with it. */
export function readScopes(text: string): Read {
  const scopes = new Map<string, string>();
  let bad: Read['bad'];
  for (const line of text.split('\n').map((line) => line.trim()).filter((line) => line !== '')) {
    // The name ends at a colon that a blank follows, or at the first blank.
    const [, value = '', description = ''] = line.match(/^(\S+?)(?::\s+|\s+|:?$)(.*)$/) ?? [];
    if (isReserved(value)) bad ??= { fault: 'reserved', scope: value };
    else if (value.length > MOST_CHARACTERS || /["\\]/.test(value)) bad ??= { fault: 'malformed', scope: value };
    scopes.set(value, description.trim());
  }
  return { scopes: [...scopes].map(([value, description]) => ({ value, ...(description !== '' && { description }) })), bad };
}

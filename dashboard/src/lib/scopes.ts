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

/** Whether a name has a character that no scope has (RFC 6749 §3.3). */
export const isMalformed = (scope: string): boolean => /[\s"\\]/.test(scope);

/** What one line says: the name, and what stands behind it. A name may hold colons, and ends at a blank. */
export function readLine(line: string): { value: string; description: string } | undefined {
  const [, name = '', rest = ''] = line.trim().match(/^(\S+)\s*(.*)$/) ?? [];
  if (name === '') return undefined;
  return { value: name.replace(/[:,;]$/, ''), description: rest.replace(/^[-–—:]\s*/, '').trim() };
}

export type Read = { scopes: { value: string; description?: string }[]; bad?: { fault: 'reserved' | 'malformed'; scope: string } | undefined };

/** The permissions of a text, each once, and the first thing that is wrong with it. */
export function readScopes(text: string): Read {
  const scopes = new Map<string, string>();
  let bad: Read['bad'];
  for (const { value, description } of text.split(/\r?\n/).flatMap((line) => readLine(line) ?? [])) {
    if (isReserved(value)) bad ??= { fault: 'reserved', scope: value };
    else if ([...value].length > MOST_CHARACTERS || isMalformed(value)) bad ??= { fault: 'malformed', scope: value };
    scopes.set(value, description);
  }
  return { scopes: [...scopes].map(([value, description]) => ({ value, ...(description !== '' && { description }) })), bad };
}

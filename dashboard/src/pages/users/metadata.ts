// The two kinds of metadata as texts, and back.
import type { Metadata, User } from '../../api/users';
import { user as words } from '../../text/user';

export const KINDS = ['user_metadata', 'app_metadata'] as const;
export type Kind = (typeof KINDS)[number];
export type Texts = Record<Kind, string>;

const text = words.metadata;
const LONGEST_KEY = 255;
/** Names that mean something else (`crates/management_api/src/users.rs`). */
export const RESERVED = [
  '__tenant', '_id', 'blocked', 'clientID', 'created_at', 'email', 'email_verified', 'globalClientID', 'global_client_id', 'identities', 'lastIP', 'lastLogin',
  'loginsCount', 'metadata', 'multifactor', 'multifactor_last_modified', 'updated_at', 'user_id',
];

export const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

export const textsOf = (user: User): Texts => ({ user_metadata: pretty(user.user_metadata ?? {}), app_metadata: pretty(user.app_metadata ?? {}) });

/** The object that a text stands for; nothing in it is an object of nothing. */
export function read(json: string): { value: Metadata } | { fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(json.trim() === '' ? '{}' : json);
  } catch (error) {
    return { fault: whereIn(json, error) };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { fault: text.notObject };
  return { value: value as Metadata };
}

/** What keeps a text from being saved. */
export function faultOf(kind: Kind, json: string): string | undefined {
  const found = read(json);
  if ('fault' in found) return found.fault;
  const keys = Object.keys(found.value);
  const reserved = kind === 'app_metadata' ? keys.find((key) => RESERVED.includes(key)) : undefined;
  if (reserved !== undefined) return text.reserved(reserved);
  const nothing = keys.find((key) => found.value[key] === null);
  if (nothing !== undefined) return text.nothing(nothing);
  return keys.some((key) => [...key].length > LONGEST_KEY) ? text.longKey : undefined;
}

/** The body that makes the stored metadata what the texts say: the server merges the first level, so that what is gone is null. */
export function patchOf(body: Partial<Texts>, base: Texts): Partial<Record<Kind, Metadata>> {
  const changed = KINDS.filter((kind) => body[kind] !== undefined);
  return Object.fromEntries(changed.map((kind) => {
    const [before, after] = [base[kind], body[kind]!].map((json) => { const found = read(json); return 'value' in found ? found.value : {}; }) as [Metadata, Metadata];
    const gone = Object.keys(before).filter((key) => !(key in after));
    const different = Object.entries(after).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key]));
    return [kind, { ...Object.fromEntries(different), ...Object.fromEntries(gone.map((key) => [key, null])) }];
  }));
}

/** The line at which JSON ends to be any; browsers say it in different words. */
function whereIn(json: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const at = message.match(/position (\d+)/)?.[1];
  const line = message.match(/line (\d+)/)?.[1] ?? (at === undefined ? json.split('\n').length : json.slice(0, Number(at)).split('\n').length);
  return text.line(Number(line), text.syntax);
}

// What a connection is, in words.
import type { Connection, DatabaseOptions } from '../../api/connections';
import { connections } from '../../text/connections';

/** Where the people of a database are kept. */
export const keptOf = ({ enabledDatabaseCustomization: isCustom, import_mode: copies }: DatabaseOptions): keyof typeof connections.kept =>
  isCustom !== true ? 'here' : copies === true ? 'copied' : 'elsewhere';

/** Whether anybody gets in by it. */
export const isActive = ({ authentication, options }: Connection): boolean => authentication?.active !== false && options?.disable_sign_in !== true;

/** What keeps a name from being given to a new connection. */
export function nameFault(name: string): string | undefined {
  const { dialog } = connections;
  if (name.trim() === '') return dialog.nameMissing;
  if (name.length > 128) return dialog.nameLong;
  return /^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$/.test(name) ? undefined : dialog.nameBad;
}

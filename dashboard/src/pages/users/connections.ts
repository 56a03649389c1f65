// What a connection lets its people log in with.
import type { Identifier, Connection } from '../../api/connections';

/** Kinds of connection whose people are made here; all others make them at their first login. */
export const MADE_HERE = ['auth0', 'email', 'sms'];

/** What people of a connection have to log in with; of one that is not known, all that a database can have. */
export function identifiersOf(connection: Connection | undefined): Identifier[] {
  if (connection === undefined) return ['email', 'username', 'phone_number'];
  if (connection.strategy === 'sms') return ['phone_number'];
  if (connection.strategy !== 'auth0') return ['email'];
  const { attributes, requires_username } = connection.options ?? {};
  if (attributes === undefined || attributes === null) return requires_username === true ? ['email', 'username'] : ['email'];
  const kinds: Identifier[] = ['email', 'username', 'phone_number'];
  const found = kinds.filter((kind) => attributes[kind]?.identifier?.active === true || attributes[kind]?.signup?.status === 'required');
  return found.length === 0 ? ['email'] : found;
}

const EMAIL = /^[^\s@]+@[^\s@]+$/;

export const isEmail = (text: string): boolean => EMAIL.test(text.trim());
export const isPhone = (text: string): boolean => /^\+\d{6,15}$/.test(text.replaceAll(/[\s()-]/g, ''));
export const phoneOf = (text: string): string => text.replaceAll(/[\s()-]/g, '');

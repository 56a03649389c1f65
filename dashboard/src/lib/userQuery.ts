// What a field that finds people asks the server for: its query language, or, without any of that, names and identifiers.
import { escaped } from './containing.ts';
import { quoted, type Fields } from './lucene.ts';

export const USER_FIELDS: Fields = {
  named: [
    'blocked', 'created_at', 'email', 'email.domain', 'email_verified', 'family_name', 'given_name', 'identities.connection', 'identities.profileData.email',
    'identities.provider', 'identities.user_id', 'last_ip', 'last_login', 'last_password_reset', 'logins_count', 'name', 'nickname', 'phone_number', 'phone_verified',
    'updated_at', 'user_id', 'username',
  ],
  roots: ['user_metadata', 'app_metadata'],
  dates: ['created_at', 'updated_at', 'last_login', 'last_password_reset'],
};

const IS_LANGUAGE = /[:"()[\]{}*\\]|(^|\s)(AND|OR|NOT|&&|\|\||[!+-]\S)/;
const IS_ID = /^[\w-]+\|\S+$/;
const IS_NUMBER = /^\+\d[\d\s]*$/;

/** The query for what was typed: as it is, or whoever's name, address or number begins so, or who has just this identifier. */
export function userQuery(typed: string): string {
  const q = typed.trim();
  if (IS_ID.test(q)) return `user_id:${quoted(q)}`;
  if (IS_NUMBER.test(q)) return `phone_number:${escaped(q.replaceAll(/\s/g, ''))}*`;
  return q === '' || IS_LANGUAGE.test(q) ? q : `${escaped(q)}*`;
}

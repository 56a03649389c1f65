// What each script of a database begins as, and what it is called with.
import type { ScriptName } from '../../../api/connections';

export const SCRIPTS: ScriptName[] = ['login', 'get_user', 'create', 'verify', 'change_password', 'delete'];

/** Scripts that are not asked where people are copied here. */
export const ONLY_ELSEWHERE: ScriptName[] = ['create', 'verify', 'change_password', 'delete'];

export type Argument = 'email' | 'password' | 'user' | 'id';

/** What a script is called with, before the callback. */
export const ARGUMENTS: Record<ScriptName, Argument[]> = {
  login: ['email', 'password'],
  get_user: ['email'],
  create: ['user'],
  verify: ['email'],
  change_password: ['email', 'password'],
  delete: ['id'],
};

export const SAMPLE: Record<Argument, string> = {
  email: 'ann@example.com',
  password: 'sesame, open',
  user: JSON.stringify({ email: 'ann@example.com', password: 'sesame, open', user_metadata: {} }, null, 2),
  id: '42',
};

export const TEMPLATES: Record<ScriptName, string> = {
  login: `// Says who has this name and this password.
// There is no network here: what the script knows stands in it, or in configuration.
function login(email, password, callback) {
  const people = JSON.parse(configuration.PEOPLE || '[]');
  const person = people.find((person) => person.email === email);

  // Without a name the log says that nobody has it; people hear the same of both.
  if (!person) return callback(new WrongUsernameOrPasswordError(null, 'Nobody has this name.'));
  if (person.password !== password) return callback(new WrongUsernameOrPasswordError(email, 'The password is wrong.'));

  callback(null, { user_id: person.id, email: person.email, email_verified: true });
}
`,
  get_user: `// Says who has this name, or nobody.
function getByEmail(email, callback) {
  const people = JSON.parse(configuration.PEOPLE || '[]');
  const person = people.find((person) => person.email === email);

  callback(null, person ? { user_id: person.id, email: person.email } : null);
}
`,
  create: `// Makes somebody. user has email, password, connection, client_id, tenant, and what else was asked for.
function create(user, callback) {
  const people = JSON.parse(configuration.PEOPLE || '[]');
  if (people.some((person) => person.email === user.email)) {
    return callback(new ValidationError('user_exists', 'Somebody has this address.'));
  }

  // callback(null) when they are made. Here nothing can keep them.
  callback(new Error('Nobody can be made here.'));
}
`,
  verify: `// Notes that somebody proved their address.
function verify(email, callback) {
  // callback(null, true) when it was noted, callback(null, false) when nobody has the address.
  callback(null, true);
}
`,
  change_password: `// Gives somebody another password.
function changePassword(email, newPassword, callback) {
  // callback(null, true) when it was changed, callback(null, false) when nobody has the name.
  callback(null, false);
}
`,
  delete: `// Removes somebody, before they are removed here. id is their user_id without "auth0|".
function remove(id, callback) {
  // callback(null) when they are gone; whoever an error is called back for stays.
  callback(null);
}
`,
};

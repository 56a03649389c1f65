// What is said here again of the server, held against what the server says of itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { rolesWith } from './api/roles.ts';
import { LOG_FIELDS } from './lib/lucene.ts';
import { isReserved } from './lib/scopes.ts';
import { severity } from './lib/severity.ts';
import { explain } from './pages/logs/explain.ts';
import { USER_FIELDS } from './lib/userQuery.ts';
import { isStoredOnly } from './pages/tenant/stored.ts';
import { RESERVED } from './pages/users/metadata.ts';
import { FOUND_BY } from './pages/usage/reasons.ts';
import { logs } from './text/logs.ts';
import { trace } from './text/trace.ts';

/** What a pattern catches in a file of the server, between two of its pieces. */
function caught(file: string, pattern: RegExp, from = '', to?: string): string[] {
  const text = readFileSync(new URL(`../../crates/${file}`, import.meta.url), 'utf8');
  const begin = text.indexOf(from);
  const end = to === undefined ? text.length : text.indexOf(to, begin);
  assert.ok(begin >= 0 && end >= 0, `${file} has no ${from} … ${to}`);
  const found = [...text.slice(begin, end).matchAll(pattern)].map(([, word]) => word!);
  assert.notEqual(found.length, 0, `${file}: nothing after ${from}`);
  return found;
}

const EACH = /"([^"]+)"/g;
const FIRST_OF_PAIR = /\(\s*"([^"]+)",/g;
const LOG_TYPES = caught('model/src/log_event.rs', /=> \{?\s*\("([^"]+)",/g, 'fn words(self)', '\n    }\n');

test('each type of event has words', () => {
  assert.deepEqual(Object.keys(logs.types).sort(), [...LOG_TYPES].sort());
});

test('an event went here as the server counts it', () => {
  const warnings = caught('management_api/src/x/log_stats.rs', EACH, 'const WARNINGS', '];');
  const errors = caught('management_api/src/x/log_stats.rs', EACH, '];', '=> Weight::Error');
  for (const type of LOG_TYPES) {
    const counted = warnings.includes(type) ? 'warning' : type.startsWith('f') || errors.includes(type) ? 'error' : 'success';
    assert.equal(severity(type), counted, type);
  }
});

test('the log is searched by the fields that the server knows', () => {
  assert.deepEqual([...LOG_FIELDS.named].sort(), caught('management_api/src/filter/log.rs', FIRST_OF_PAIR, 'const SEARCHABLE', '];').sort());
});

test('people are searched by the fields that the server knows', () => {
  const file = 'management_api/src/filter/user.rs';
  assert.deepEqual(USER_FIELDS.named, caught(file, FIRST_OF_PAIR, 'const NAMED', '];').sort());
  assert.deepEqual([...USER_FIELDS.dates].sort(), caught(file, /\("([^"]+)", Kind::Date\)/g, 'const NAMED', '];').sort());
});

test('the reserved permissions are those that the server refuses', () => {
  const refused = caught('management_api/src/resource_servers.rs', EACH, 'const RESERVED', '];');
  for (const scope of [...refused, 'updated_at', 'read:orders']) assert.equal(isReserved(scope), refused.includes(scope), scope);
});

test('the reserved keys of metadata are those that the server refuses', () => {
  assert.deepEqual([...RESERVED].sort(), caught('management_api/src/users.rs', EACH, 'const RESERVED', '];').sort());
});

test('a setting of the tenant is marked when no code of the server reads it', () => {
  // What is declared and checked but never read has a type of its own. These two are no settings.
  const fields = (file: string, of: string) => caught(`model/src/${file}`, /pub (\w+: .*),\n/g, `pub struct ${of}`, '\n}');
  const settings = [...fields('tenant_settings.rs', 'TenantSettings'), ...fields('tenant_settings/flags.rs', 'Flags').map((field) => `flags.${field}`)];
  for (const [path = '', type = ''] of settings.map((field) => field.split(': '))) {
    if (!['flags', 'has_had_a_connection'].includes(path)) assert.equal(isStoredOnly(path), type.includes('Declared<'), path);
  }
});

test('whom to ask for a right is who has it', () => {
  const file = 'model/src/administrator.rs';
  const lists = {
    editor_applications: caught(file, EACH, 'Role::EditorApplications => edits', ')'),
    editor_apis: caught(file, EACH, 'Role::EditorApis => edits', ')'),
    editor_tenant: caught(file, EACH, 'Role::EditorTenant => edits', ')'),
    editor_users: caught(file, EACH, 'Role::EditorUsers => edits', ')'),
    editor_connections: caught(file, EACH, 'Role::EditorConnections => edits', ')'),
  };
  const keptFromViewers = caught(file, EACH, 'const KEPT_FROM_VIEWERS', '];');
  for (const resource of [...Object.values(lists).flat(), ...keptFromViewers, 'logs', 'tenants']) {
    const editors = Object.entries(lists).filter(([, edits]) => edits.includes(resource)).map(([role]) => role);
    assert.deepEqual(rolesWith(`update:${resource}`), [...editors, 'admin'], resource);
    assert.deepEqual(rolesWith(`read:${resource}`), keptFromViewers.includes(resource) ? [...editors, 'admin'] : ['viewer'], resource);
  }
});

test('each reason of a refusal that is looked for is one the server counts by', () => {
  const reasons = caught('idp/src/token/reason.rs', FIRST_OF_PAIR, 'REASONS', '];');
  for (const reason of Object.keys(FOUND_BY)) assert.ok(reasons.includes(reason), reason);
});

test('each refusal of a token for an application is explained', () => {
  const unexplained = logs.explain.refused[0];
  const refusals = ['grants.rs', 'authenticate.rs', 'scope.rs', 'grants/client_credentials.rs'].flatMap((file) =>
    caught(`idp/src/token/${file}`, /(?:refuse|format!)\(\s*"((?:[^"\\]|\\.)+)"/g));
  for (const description of refusals.map((words) => words.replaceAll('\\"', '"'))) {
    const found = explain({ log_id: '', date: '', type: 'feccft', description });
    assert.notEqual(found?.meaning, unexplained, description);
  }
});

test('each step that a trace may have, and each way to prove a client, has words', () => {
  const steps = caught('idp/src/token/trace.rs', /pub (\w+):/g, 'pub struct Trace', '\n}');
  for (const step of steps) assert.ok(step in trace.names, step);
  const methods = caught('idp/src/token/authenticate.rs', /=> "(\w+)"/g, 'fn as_str', '\n    }\n');
  for (const method of methods) assert.ok(!trace.method(method).includes(method), method);
});

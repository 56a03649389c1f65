import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../api/connections.ts';
import { identifiersOf, isEmail, isPhone, phoneOf } from './connections.ts';
import { fieldsIn } from './exportFields.ts';
import { faultOf, patchOf, read } from './metadata.ts';

test('a connection says what its people log in with', () => {
  const of = (strategy: string, options?: Connection['options']) => identifiersOf({ id: 'con_1', name: 'one', strategy, ...(options && { options }) });
  assert.deepEqual(of('auth0'), ['email']);
  assert.deepEqual(of('auth0', { requires_username: true }), ['email', 'username']);
  assert.deepEqual(of('auth0', { attributes: { username: { identifier: { active: true } }, email: { signup: { status: 'required' } }, phone_number: { identifier: { active: false } } } }), ['email', 'username']);
  assert.deepEqual(of('auth0', { attributes: {} }), ['email']);
  assert.deepEqual(of('sms'), ['phone_number']);
  assert.deepEqual(of('email'), ['email']);
  assert.deepEqual(identifiersOf(undefined), ['email', 'username', 'phone_number']);
});

test('addresses and numbers are told from what is none', () => {
  for (const text of ['a@b', ' jane@acme.example ']) assert.ok(isEmail(text), text);
  for (const text of ['', 'jane', '@acme', 'jane@', 'a b@c.example', 'a@b@c']) assert.ok(!isEmail(text), text);
  for (const text of ['+44 20 7946 0000', '+1(555)010-9999']) assert.ok(isPhone(text), text);
  for (const text of ['', '0044 20', '+44', '+44 20 abc', '+1234567890123456']) assert.ok(!isPhone(text), text);
  assert.equal(phoneOf('+1 (555) 010-9999'), '+15550109999');
});

test('metadata is an object of JSON, without keys that mean something else', () => {
  for (const json of ['', '  ', '{}', '{ "a": { "b": [1, null] } }', '{ "é": 1 }']) assert.equal(faultOf('app_metadata', json), undefined, json);
  for (const json of ['[]', 'null', '1', '"a"']) assert.match(faultOf('user_metadata', json)!, /must be an object/, json);
  assert.match(faultOf('user_metadata', '{\n  "a": 1,\n  b\n}')!, /^Line 3:/);
  assert.match(faultOf('user_metadata', '{\n')!, /^Line/);
  assert.match(faultOf('app_metadata', '{ "email": 1 }')!, /email/);
  assert.equal(faultOf('user_metadata', '{ "email": 1 }'), undefined);
  assert.match(faultOf('user_metadata', '{ "a": null }')!, /null/);
  assert.match(faultOf('user_metadata', JSON.stringify({ ['k'.repeat(256)]: 1 }))!, /255/);
  assert.deepEqual(read('{ "__proto__": 1 }'), { value: JSON.parse('{ "__proto__": 1 }') });
});

test('of metadata only what changed is sent, and what is gone as null', () => {
  const base = { user_metadata: '{ "lang": "en", "old": true }', app_metadata: '{}' };
  assert.deepEqual(patchOf({ user_metadata: '{ "lang": "en", "new": [1] }' }, base), { user_metadata: { new: [1], old: null } });
  assert.deepEqual(patchOf({ user_metadata: '' }, base), { user_metadata: { lang: null, old: null } });
  assert.deepEqual(patchOf({ app_metadata: '{ "a": 1 }' }, base), { app_metadata: { a: 1 } });
  assert.deepEqual(patchOf({}, base), {});
});

test('fields of an export are named a line, with what they are called after a comma', () => {
  assert.deepEqual(fieldsIn(' email , Address\n\nidentities[0].connection\n a.b, x, y \n'), [
    { name: 'email', export_as: 'Address' }, { name: 'identities[0].connection' }, { name: 'a.b', export_as: 'x, y' },
  ]);
  assert.deepEqual(fieldsIn(' \n'), []);
});

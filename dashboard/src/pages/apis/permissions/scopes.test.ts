import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePasted, scopeFault, withPasted } from './scopes.ts';

test('a pasted line is a name and a description, and names hold colons', () => {
  const lines = parsePasted('read:orders: Read orders\nlist:orders\tList orders\n\n  delete:orders - Delete orders \r\nplain\nsend:mail', []);
  assert.deepEqual(lines.map(({ line, value, description }) => [line, value, description]), [
    [1, 'read:orders', 'Read orders'], [2, 'list:orders', 'List orders'], [4, 'delete:orders', 'Delete orders'], [5, 'plain', ''], [6, 'send:mail', ''],
  ]);
});

test('reserved, repeated and overlong names are refused', () => {
  for (const bad of ['', 'a b', 'openid', 'offline_access', 'email', 'read:a', 'x'.repeat(281)]) assert.ok(scopeFault(bad, ['read:a']), bad);
  assert.equal(scopeFault('read:orders', ['read:a']), undefined);
  assert.deepEqual(parsePasted('a\na', []).map(({ fault }) => fault === undefined), [true, false]);
});

test('what is pasted adds and describes, and takes nothing away', () => {
  const before = [{ value: 'a', description: 'old' }, { value: 'b' }];
  const pasted = parsePasted('a: new\nb\nc: third', before);
  assert.deepEqual(pasted.map(({ is }) => is), ['changed', 'same', 'new']);
  assert.deepEqual(withPasted(before, pasted), [{ value: 'a', description: 'new' }, { value: 'b' }, { value: 'c', description: 'third' }]);
});

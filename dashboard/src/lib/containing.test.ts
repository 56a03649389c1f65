import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containing, oneOf } from './containing.ts';

test('a text is looked for in each field, in the usual ways of writing it', () => {
  assert.equal(containing(['name'], 'Job'), 'name:*Job* OR name:*job*');
  assert.equal(containing(['name', 'id'], 'ab'), 'name:ab* OR name:Ab* OR id:ab* OR id:Ab*');
  assert.equal(containing(['name'], 'a b:c'), 'name:*a\\ b\\:c* OR name:*A\\ b\\:c*');
});

test('many values make several queries, none longer than the server takes', () => {
  const ids = Array.from({ length: 100 }, (_, n) => String(n).padStart(32, 'x'));
  const queries = oneOf('client_id', ids, 'audience:"https://orders.example"');
  assert.ok(queries.every((query) => query.length <= 1000 && query.startsWith('audience:"https://orders.example" AND client_id:("')));
  assert.deepEqual(queries.flatMap((query) => query.match(/x+\d+/g)), ids);
  assert.deepEqual(oneOf('id', ['a', 'b']), ['id:("a" OR "b")']);
  assert.deepEqual(oneOf('id', []), []);
});

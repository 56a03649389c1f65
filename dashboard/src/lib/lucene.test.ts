import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allOf, oneOf, queryFault, quoted } from './lucene.ts';
import { stepOf, stretchOf } from './range.ts';

test('queries that the server takes are not found fault with', () => {
  for (const q of [
    '', '  ', '*', 'google', 'type:feccft', 'type:s AND date:[2019-05-22 TO *]', 'NOT type:s', '-type:s', 'NOT NOT a', 'a b c',
    'type:(seccft OR feccft)', '(type:s OR type:f) AND client_name:"Hello machine"', 'client_name:Hello*', 'description:*grant*',
    'date:2024-01-31', 'date:"2024-01-31T12:00:00Z"', 'date:[2024-01-31T12:00:00.000Z TO 2024-02-01]', 'date:{* TO 2024-01-31]', '_exists_:ip',
    'ip:"2001:db8::17"', 'user_id:auth0|123', 'description:a\\?b', '\\(', 'client_id:a-b', '+type:s -type:f', 'type:*', 'type: s', '**',
  ]) assert.equal(queryFault(q), undefined, q);
});

test('a fault says where it is', () => {
  const fault = (q: string) => {
    const found = queryFault(q);
    return found === undefined ? undefined : [found.kind, q.slice(found.at, found.at + found.length)];
  };
  for (const [q, kind, piece] of [
    ['type:"s', 'quote', '"s'], ['(type:s', 'bracket', '(type:s'], ['type:s)', 'closed', ')'], ['typ:s', 'field', 'typ'], ['a:b:c', 'field', 'a'],
    ['type:', 'value', 'type:'], ['type:  ', 'value', 'type:'], ['a -', 'operator', '-'], ['AND', 'operator', 'AND'], ['a AND', 'operator', 'AND'], ['a AND OR b', 'operator', 'OR'],
    ['(a OR) b', 'operator', 'OR'], ['NOT', 'operator', 'NOT'], ['()', 'empty', '()'], ['type:fecc?t', 'question', '?'], ['type:*bc', 'wildcard', '*bc'],
    ['date:yesterday', 'date', 'yesterday'], ['date:[2024-01-31 TO now]', 'date', 'now'], ['date:[2024-01-31]', 'range', '[2024-01-31]'],
    ['date:[2024-01-31', 'bracket', '[2024-01-31'], ['ip:2001:db8::17', 'colon', '2001:db8'], ['[a TO b]', 'fieldless', '[a TO b]'], ['a && b', 'words', '&&'], ['!a', 'words', '!a'], ['a\\', 'backslash', '\\'],
  ] as const) assert.deepEqual(fault(q), [kind, piece], q);
});

test('any text is read to its end', () => {
  const pieces = ['"', '(', ')', '[', ']', ':', '\\', 'AND', ' ', 'type', '*', '?', '-', '+', 'é', '{', 'TO'];
  let seed = 7;
  for (let round = 0; round < 5000; round += 1) {
    let q = '';
    for (let piece = 0; piece < 8; piece += 1) q += pieces[(seed = (seed * 48271) % 2147483647) % pieces.length];
    const found = queryFault(q);
    if (found !== undefined) assert.ok(found.at >= 0 && found.at + found.length <= q.length + 1, q);
  }
});

test('queries are joined so that each means what it meant', () => {
  assert.equal(allOf('', undefined), '');
  assert.equal(allOf('type:s', ''), 'type:s');
  assert.equal(allOf('a b', 'type:s'), '(a b) AND type:s');
  assert.equal(allOf('a OR b', 'NOT c', '(d e)', '(f) OR (g)'), '(a OR b) AND (NOT c) AND (d e) AND ((f) OR (g))');
  assert.equal(oneOf('type', ['s', 'f']), 'type:(s OR f)');
  assert.equal(quoted('say "x" \\'), '"say \\"x\\" \\\\"');
});

test('a stretch is what the address says, or a range', () => {
  const now = Date.parse('2026-11-25T12:00:00Z');
  assert.deepEqual(stretchOf({ range: '1h' }, '24h', now), { from: new Date('2026-11-25T11:00:00Z'), to: new Date(now), isOpen: true });
  assert.deepEqual(stretchOf({ range: 'x' }, '24h', now).from, new Date('2026-11-24T12:00:00Z'));
  const given = stretchOf({ from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' }, '24h', now);
  assert.deepEqual([given.isOpen, stepOf(given)], [false, 'hour']);
  assert.equal(stretchOf({ from: '2026-11-26T00:00:00Z' }, '24h', now).isOpen, true);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, tokenIn } from './decode.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = `${part({ alg: 'RS256' })}.${part({ sub: 'ä', exp: 1 })}.c2ln`;

test('a token is found in what it was pasted with', () => {
  for (const text of [token, ` ${token}\n`, `Bearer ${token}`, `Authorization: Bearer ${token}`, `"${token}"`, JSON.stringify({ access_token: token, expires_in: 1 }), token.replace('.', '.\n')]) {
    assert.equal(tokenIn(text), token, text);
  }
});

test('header and claims are read as UTF-8', () => {
  const { header, claims, fault } = decode(token);
  assert.deepEqual({ header, claims, fault }, { header: { alg: 'RS256' }, claims: { sub: 'ä', exp: 1 }, fault: undefined });
});

test('what is no token is told apart', () => {
  const faults: [string, string][] = [
    ['', 'empty'], ['   ', 'empty'], ['v1.M0', 'parts'], ['abcdef', 'opaque'], ['{"a":1}', 'opaque'],
    [`${part({ enc: 'A256GCM' })}.a.b.c.d`, 'encrypted'], ['a.b.c', 'header'], [`${part([1])}.${part({})}.c`, 'header'],
    [`${part({})}.###.c`, 'payload'], [`${part({})}.${part('x')}.c`, 'payload'], ['....', 'parts'], [`${part({})}.${Buffer.from([255, 254]).toString('base64url')}.c`, 'payload'],
  ];
  for (const [text, fault] of faults) assert.equal(decode(text).fault, fault, text);
});

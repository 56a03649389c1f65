import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectOf } from './effect.ts';

const EVENT = { accessToken: { customClaims: { a: 1 }, scope: ['read', 'write'] } };
const call = (name: string, ...args: unknown[]) => ({ name, arguments: args });

test('claims are set and removed, and permissions only taken away', () => {
  const { before, after } = effectOf(EVENT, [
    call('accessToken.setCustomClaim', 'plan', 'pro'), call('accessToken.setCustomClaim', 'a', null),
    call('transaction.addTargetScope', 'more'), call('transaction.removeTargetScope', 'write'), call('cache.get', 'x'),
  ]);
  assert.deepEqual(before, { a: 1, scope: 'read write' });
  assert.deepEqual(after, { plan: 'pro', scope: 'read' });
});

test('what denies gives no token', () => {
  const { after, denied } = effectOf(EVENT, [call('accessToken.setCustomClaim', 'plan', 'pro'), call('access.deny', 'invalid_scope', 'No.')]);
  assert.deepEqual(denied, { code: 'invalid_scope', reason: 'No.' });
  assert.equal(after['plan'], undefined);
});

test('an event of any shape does no harm', () => {
  for (const event of [null, undefined, {}, { accessToken: {} }, 7]) assert.equal(effectOf(event, []).after['scope'], '');
});

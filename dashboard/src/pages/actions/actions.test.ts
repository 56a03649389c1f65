import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectOf } from './effect.ts';
import { codeFor, templatesOf } from './templates.ts';

const MACHINES = 'credentials-exchange';
const EVENT = { accessToken: { customClaims: { a: 1 }, scope: ['read', 'write'] } };
const LOGIN = { transaction: { requested_scopes: ['openid', 'read'] }, user: { user_metadata: { colour: 'blue' }, app_metadata: {} } };
const call = (name: string, ...args: unknown[]) => ({ name, arguments: args });

test('claims are set and removed, and permissions only taken away', () => {
  const { before, after } = effectOf(MACHINES, EVENT, [
    call('accessToken.setCustomClaim', 'plan', 'pro'), call('accessToken.setCustomClaim', 'a', null),
    call('transaction.addTargetScope', 'more'), call('transaction.removeTargetScope', 'write'), call('cache.get', 'x'),
  ]);
  assert.deepEqual(before, { a: 1, scope: 'read write' });
  assert.deepEqual(after, { plan: 'pro', scope: 'read' });
});

test('what denies gives no token', () => {
  const { after, denied } = effectOf(MACHINES, EVENT, [call('accessToken.setCustomClaim', 'plan', 'pro'), call('access.deny', 'invalid_scope', 'No.')]);
  assert.deepEqual(denied, { code: 'invalid_scope', reason: 'No.' });
  assert.equal(after?.['plan'], undefined);
});

test('a login has two tokens, metadata, and other places to go', () => {
  const { before, after, away } = effectOf('post-login', LOGIN, [
    call('idToken.setCustomClaim', 'plan', 'pro'), call('accessToken.setCustomClaim', 'n', 1), call('accessToken.removeScope', 'read'), call('accessToken.addScope', 'write'),
    call('user.setUserMetadata', 'colour', null), call('user.setAppMetadata', 'terms', true), call('redirect.sendUserTo', 'https://terms.example/', {}),
  ]);
  assert.deepEqual(before, { id_token: {}, access_token: {}, scope: 'openid read', user_metadata: { colour: 'blue' }, app_metadata: {} });
  assert.deepEqual(after, { id_token: { plan: 'pro' }, access_token: { n: 1 }, scope: 'openid write', user_metadata: {}, app_metadata: { terms: true } });
  assert.equal(away, 'https://terms.example/');
  assert.deepEqual(effectOf('post-login', LOGIN, [call('access.deny', 'Not today.')]).denied, { code: 'access_denied', reason: 'Not today.' });
});

test('a sign-up is refused with one word for the log and one for who signs up', () => {
  const { denied, after } = effectOf('pre-user-registration', LOGIN, [call('user.setAppMetadata', 'a', 1), call('access.deny', 'domain', 'Not you.')]);
  assert.deepEqual(denied, { code: 'domain', reason: 'Not you.' });
  assert.deepEqual(after, { user_metadata: { colour: 'blue' }, app_metadata: {} });
});

test('an event of any shape does no harm, and some triggers change nothing', () => {
  for (const event of [null, undefined, {}, { accessToken: {} }, 7]) assert.equal(effectOf(MACHINES, event, []).after?.['scope'], '');
  assert.deepEqual(effectOf('post-change-password', {}, [call('cache.set', 'a', 'b')]), {});
});

test('every template is code with the handler of its trigger', () => {
  const handlers = { [MACHINES]: 'onExecuteCredentialsExchange', 'post-login': 'onExecutePostLogin', 'pre-user-registration': 'onExecutePreUserRegistration' };
  for (const [trigger, handler] of Object.entries(handlers)) {
    for (const template of templatesOf(trigger)) {
      const made: Record<string, unknown> = {};
      new Function('exports', codeFor(trigger, template))(made);
      assert.equal(typeof made[handler], 'function', `${trigger} ${template}`);
    }
  }
});

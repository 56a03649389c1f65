import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectOf } from '../../lib/json.ts';
import { rules } from '../../text/rules.ts';
import { nameFault } from './name.ts';
import { TEMPLATES } from './templates.ts';

type Rule = (user: object, context: object, callback: (error: unknown, user?: object, context?: object) => void) => void;

test('names are those that the server takes', () => {
  for (const name of ['a', 'A rule', '2nd-rule', 'x'.repeat(255)]) assert.equal(nameFault(name), undefined, name);
  for (const name of ['', '-a', 'a-', ' a', 'a_b', 'é', 'a\n', 'a\u0000', '<b>']) assert.notEqual(nameFault(name), undefined, JSON.stringify(name));
});

test('only an object is an object', () => {
  assert.deepEqual(objectOf('{ "a": [1] }'), { a: [1] });
  for (const text of ['', '{', '[]', 'null', '7', '"{}"', '{ a: 1 }']) assert.equal(objectOf(text), undefined, text);
});

test('every template is one function with words, and lets somebody ordinary go on', () => {
  const user = { email: 'ann@example.com', email_verified: true };
  const login = () => ({ clientName: 'Shop', protocol: 'oidc-basic-profile', stats: { loginsCount: 2 }, authorization: { roles: ['editor'] }, idToken: {}, accessToken: {}, request: { ip: '192.0.2.7', query: { scope: 'openid' } } });
  assert.deepEqual(Object.keys(TEMPLATES).sort(), Object.keys(rules.templates).sort());
  for (const [name, code] of Object.entries(TEMPLATES)) {
    const rule = new Function('configuration', 'UnauthorizedError', `return (${code})`)({ NETWORKS: '192.0.2.' }, Error) as Rule;
    let called = 0;
    rule(user, login(), (error, back) => {
      called += 1;
      assert.deepEqual([error, back], [null, user], name);
    });
    assert.equal(called, 1, name);
  }
});

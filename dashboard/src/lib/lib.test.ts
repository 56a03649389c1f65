import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvOf } from '../ui/download.ts';
import { showAmount, tickWords } from './axis.ts';
import { changesBetween, equal, patchOf, withValue } from './diff.ts';
import { joinDuration, showDuration, splitDuration } from './duration.ts';
import { readScopes } from './scopes.ts';
import { fit } from './match.ts';
import { isTenantName } from './tenantName.ts';
import { splitUrls, urlFault, urlRisk } from './urls.ts';

test('a duration is shown in the unit people think in', () => {
  assert.deepEqual(splitDuration(86400), { amount: 24, unit: 'hours' });
  assert.deepEqual(splitDuration(2592000), { amount: 30, unit: 'days' });
  assert.deepEqual(splitDuration(90), { amount: 90, unit: 'seconds' });
  assert.deepEqual(splitDuration(0), { amount: 0, unit: 'seconds' });
  assert.equal(showDuration(86400), '24 hours (86,400 s)');
  assert.equal(showDuration(3600), '1 hour (3,600 s)');
});

test('a duration is a whole number', () => {
  assert.equal(joinDuration('24', 'hours'), 86400);
  for (const bad of ['', '1.5', '-1', 'x', '1e3']) assert.equal(joinDuration(bad, 'hours'), undefined);
});

test('pasted addresses are parted by lines, commas and blanks', () => {
  assert.deepEqual(splitUrls('https://a.test/x\nhttps://b.test, https://c.test\r\n'), ['https://a.test/x', 'https://b.test', 'https://c.test']);
});

test('an address is checked for what its list allows', () => {
  for (const good of ['https://a.test/cb', 'http://localhost:3000', 'com.app://cb', 'https://*.a.test/cb', 'https://{organization_name}.a.test']) {
    assert.equal(urlFault(good, [], 'url'), undefined, good);
  }
  assert.equal(urlFault('a.test/cb', [], 'url'), 'invalid');
  assert.equal(urlFault('https:///x', [], 'url'), 'invalid');
  assert.equal(urlFault('https://a.*.test', [], 'url'), 'wildcard');
  assert.equal(urlFault('https://a.test/#x', [], 'url'), 'hash');
  assert.equal(urlFault('https://a.test', ['https://a.test'], 'url'), 'twice');
  assert.equal(urlFault('https://a.test/x', [], 'origin'), 'origin');
  assert.equal(urlFault('http://a.test', [], 'https'), 'https');
  assert.equal(urlFault('https://*.a.test', [], 'exact'), 'exact');
  assert.equal(urlFault('https://a.test/out', [], 'exact'), undefined);
});

test('an address that is taken may still be worth a thought', () => {
  assert.equal(urlRisk('http://localhost:3000/cb', false), undefined);
  assert.equal(urlRisk('http://localhost:3000/cb', true), 'local');
  assert.equal(urlRisk('http://a.test/cb', false), 'plain');
  assert.equal(urlRisk('https://*.a.test/cb', false), 'wildcard');
  for (const calm of ['https://a.test/cb', 'com.app://cb', 'https://{organization_name}.a.test', '']) assert.equal(urlRisk(calm, true), undefined, calm);
});

test('nothing and empty are the same to a form', () => {
  assert.ok(equal({ a: '', b: [] }, {}));
  assert.ok(!equal({ a: false }, {}));
  assert.ok(equal({ a: ['x', ''] }, { a: ['x'] }));
  assert.ok(!equal({ a: ['x'] }, { a: ['y'] }));
});

test('changes are leaves', () => {
  const base = { name: 'a', jwt: { life: 1, alg: 'RS256' }, urls: ['x'] };
  const draft = { name: 'a', jwt: { life: 2, alg: 'RS256' }, urls: ['x', 'y'] };
  assert.deepEqual(changesBetween(base, draft), [
    { path: 'jwt.life', keys: ['jwt', 'life'], old: 1, new: 2 },
    { path: 'urls', keys: ['urls'], old: ['x'], new: ['x', 'y'] },
  ]);
});

test('a patch holds only what changed, and null for merged keys that are gone', () => {
  const base = { name: 'a', meta: { one: '1', two: '2' } };
  assert.deepEqual(patchOf(base, { name: 'a', meta: { one: '1' } }, ['meta']), { meta: { one: '1', two: null } });
  assert.deepEqual(patchOf(base, withValue(base, 'name', 'b')), { name: 'b' });
  assert.deepEqual(patchOf({ urls: [] }, { urls: ['x', ''] }), { urls: ['x'] });
  assert.deepEqual(withValue({ meta: {} }, ['meta', 'a.b'], '1'), { meta: { 'a.b': '1' } });
  assert.deepEqual(patchOf({ description: 'x' }, { description: '' }), { description: '' });
});

test('permissions are read as people paste them', () => {
  assert.deepEqual(readScopes('read:orders: Read orders\nwrite:orders  Change orders\n\nping').scopes, [
    { value: 'read:orders', description: 'Read orders' },
    { value: 'write:orders', description: 'Change orders' },
    { value: 'ping' },
  ]);
  assert.deepEqual(readScopes('openid').bad, { fault: 'reserved', scope: 'openid' });
});

test('a tenant is named like a part of a host', () => {
  for (const good of ['dev', 'acme-eu-1', 'a'.repeat(63), '0-0']) assert.ok(isTenantName(good), good);
  for (const bad of ['', 'ab', 'a'.repeat(64), '-abc', 'abc-', 'Acme', 'a_b', 'a.b', 'ä-bc', 'a b']) assert.ok(!isTenantName(bad), bad);
});

test('a name fits better the more of it was typed', () => {
  const order = ['logs', 'logs of today', 'audit logs', 'catalogs', 'l-o-g-s'];
  const fits = order.map((name) => fit('Logs', name));
  assert.deepEqual(fits, [5, 4, 3, 2, 1]);
  assert.equal(fit('logs', 'usage'), 0);
  assert.equal(fit('scopes', 'APIs', 'Scopes'), 5);
  assert.equal(fit('', 'anything'), 0);
});

test('an axis names the day where it changes', () => {
  const at = (iso: string) => Date.parse(iso) / 1000;
  assert.deepEqual(tickWords([at('2026-11-24T22:00Z'), at('2026-11-24T23:00Z'), at('2026-11-25T00:00Z')], 3600, 'utc'), ['22:00\n24 Nov', '23:00', '00:00\n25 Nov']);
  assert.deepEqual(tickWords([at('2026-11-24T00:00Z')], 86400, 'utc'), ['24 Nov']);
});

test('an amount is as short as it can be read', () => {
  assert.deepEqual([0, 0.0371, 0.25, 3.14159, 12.6, 84210].map(showAmount), ['0', '0.037', '0.25', '3.1', '13', '84,210']);
});

test('a CSV says nothing to a spreadsheet but text', () => {
  assert.equal(csvOf([['a,b', 'say "x"'], ['=1+1', 2], [null, undefined]]), '"a,b","say ""x"""\r\n\'=1+1,2\r\n,\r\n');
});

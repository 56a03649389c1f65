import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf, versionOf, wrongAddress } from './addresses.ts';
import { draftOf, nameWhom, PRESETS, readKeys, ruleFault, ruleOf, valuesOf } from './federation.ts';
import { actionOf, networksOf, otherSignals, whoOf, withSignals } from './networkAcl.ts';
import { pemFault } from './pem.ts';
import { levelOf, shareOf } from './quota.ts';
import { areOrdered, stateOf } from './secrets.ts';
import { stepsOf } from './trace.ts';

const AT = Date.parse('2026-01-31T12:00:00Z');

test('a secret is good from its beginning until its end', () => {
  assert.equal(stateOf({ starts_at: null, expires_at: null }, AT), 'active');
  assert.equal(stateOf({ starts_at: '2026-01-31T12:00:00Z', expires_at: '2026-01-31T12:00:01Z' }, AT), 'active');
  assert.equal(stateOf({ starts_at: '2026-01-31T12:00:01Z', expires_at: null }, AT), 'waiting');
  assert.equal(stateOf({ starts_at: null, expires_at: '2026-01-31T12:00:00Z' }, AT), 'expired');
  assert.ok(areOrdered({ starts_at: null, expires_at: '2026-01-31T12:00:00Z' }));
  assert.ok(!areOrdered({ starts_at: '2026-01-31T12:00:00Z', expires_at: '2026-01-31T12:00:00Z' }));
});

const pem = (kind: string) => `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n`;

test('a private key is told from a public one, and a key from a certificate', () => {
  assert.equal(pemFault(pem('PUBLIC KEY'), 'key'), undefined);
  assert.equal(pemFault(pem('CERTIFICATE'), 'key'), undefined);
  assert.equal(pemFault(pem('CERTIFICATE'), 'certificate'), undefined);
  assert.equal(pemFault(pem('PUBLIC KEY'), 'certificate'), 'certificate');
  assert.equal(pemFault(pem('EC PRIVATE KEY'), 'key'), 'private');
  assert.equal(pemFault(`${pem('PUBLIC KEY')}${pem('PRIVATE KEY')}`, 'key'), 'private');
  assert.equal(pemFault('nothing of the kind', 'key'), 'key');
  assert.equal(pemFault('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END CERTIFICATE-----', 'key'), 'key');
});

test('addresses and networks of both versions are known from what is neither', () => {
  for (const four of ['203.0.113.7', '10.0.0.0/8', '0.0.0.0/0', '255.255.255.255/32']) assert.equal(versionOf(four), 4, four);
  for (const six of ['::', '::1', '2001:db8::/48', '2001:db8:0:0:0:0:0:1', 'fe80::1/128', '::ffff:203.0.113.7']) assert.equal(versionOf(six), 6, six);
  for (const neither of ['', '10.0.0', '10.0.0.0/33', '256.1.1.1', '1.2.3.4/', '1.2.3.4/8/8', 'example.com', '::1::', '1:2:3:4:5:6:7:8:9', '::/129', '2001:db8::g', '12345::', '1:2:3:4:5:6:7:8::']) {
    assert.equal(versionOf(neither), undefined, neither);
  }
  assert.deepEqual(linesOf(' 10.0.0.0/8 \n\n::1, 1.2.3.4'), ['10.0.0.0/8', '::1', '1.2.3.4']);
  assert.equal(wrongAddress(['10.0.0.0/8', 'here']), 'here');
});

test('a rule is typed as a line and sent as what it means', () => {
  assert.deepEqual(ruleOf({ claim: ' ref ', operator: 'one_of', value: 'main, next,' }), { claim: 'ref', operator: 'one_of', value: ['main', 'next'] });
  assert.deepEqual(ruleOf({ claim: 'sub', operator: 'equals', value: ' a, b ' }), { claim: 'sub', operator: 'equals', value: 'a, b' });
  assert.deepEqual(draftOf({ claim: 'ref', operator: 'one_of', value: ['main', 'next'] }), { claim: 'ref', operator: 'one_of', value: 'main, next' });
  assert.deepEqual(valuesOf(' , '), []);
  assert.equal(ruleFault({ claim: '', operator: 'equals', value: 'x' }), 'claim');
  assert.equal(ruleFault({ claim: 'sub', operator: 'one_of', value: ' , ' }), 'value');
  assert.equal(ruleFault({ claim: 'sub', operator: 'matches', value: '*' }), 'wide');
  assert.equal(ruleFault({ claim: 'sub', operator: 'matches', value: 'repo:**' }), 'wide');
  assert.equal(ruleFault({ claim: 'sub', operator: 'matches', value: 'repo:acme' }), 'plain');
  assert.equal(ruleFault({ claim: 'sub', operator: 'matches', value: 'repo:acme/*' }), undefined);
});

test('each kind of issuer begins with rules that still want what only the reader knows', () => {
  for (const { rules } of Object.values(PRESETS)) assert.ok(rules.some((rule) => ruleFault(rule) === 'value') && nameWhom(rules));
  assert.ok(!nameWhom([{ claim: 'ref', operator: 'equals', value: 'main' }]));
});

test('a set of keys holds public keys only', () => {
  assert.deepEqual(readKeys('{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"}]}'), { keys: [{ kty: 'RSA', n: 'AQ', e: 'AQAB' }] });
  for (const text of ['', '[]', '{"keys":[]}', '{"keys":[1]}', '{"keys":[{"kty":"RSA","d":"AQ"}]}', '{"keys":[{"kty":"oct","k":"AQ"}]}', '{"keys":{}}', 'null']) assert.equal(readKeys(text), undefined, text);
});

test('a network rule keeps what the page does not show', () => {
  const signals = { geo_country_codes: ['DE'], ipv4_cidrs: ['10.0.0.0/8'], user_agents: ['curl*'] };
  assert.deepEqual(otherSignals(signals), ['geo_country_codes']);
  assert.deepEqual(withSignals(signals, ['::1', '1.2.3.4'], []), { geo_country_codes: ['DE'], ipv4_cidrs: ['1.2.3.4'], ipv6_cidrs: ['::1'] });
  assert.deepEqual(networksOf({ ipv4_cidrs: ['1.2.3.4'], ipv6_cidrs: ['::1'] }), ['1.2.3.4', '::1']);
  assert.equal(actionOf({ action: { redirect: true, redirect_uri: 'https://a' }, scope: 'tenant' }), 'redirect');
  assert.equal(whoOf({ action: {}, not_match: {}, scope: 'tenant' }), 'not_match');
  assert.equal(whoOf({ action: {}, scope: 'tenant' }), 'all');
});

test('a quota is nearly used up from 80 percent on', () => {
  assert.equal(levelOf({ limit: 10, used: 7 }), 'low');
  assert.equal(levelOf({ limit: 10, used: 8 }), 'high');
  assert.equal(levelOf({ limit: 10, used: 12 }), 'full');
  assert.equal(shareOf({ limit: 2, used: 1 }), 0.5);
});

test('a trace is told in the order in which it was decided, and leaves nothing out', () => {
  const steps = stepsOf({
    kid: 'b2f', scopes_given: 'read:orders', scopes_asked: 'read:orders delete:orders', method: 'client_secret_post', reused: false, limits: ['quota 7 of 10', 'policy default'],
    something_new: { a: 1, b: ['x'] }, binding: null,
  });
  assert.deepEqual(steps.map(({ words }) => words), [
    'The application proved itself by its secret, in the body.',
    'Asked for read:orders, delete:orders.',
    'Got read:orders.',
    'Asked for but not given: delete:orders.',
    'quota 7 of 10',
    'policy default',
    'Signed with the key b2f.',
    'a: 1, b: x',
  ]);
  assert.equal(steps.at(-1)?.name, 'something new');
  assert.deepEqual(stepsOf({}), []);
});

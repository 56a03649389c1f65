import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEvent } from '../../api/logs.ts';
import { logs } from '../../text/logs.ts';
import { meanOf, percentSince, placeOfMost, sum } from '../../lib/stats.ts';
import { asAct } from './act.ts';
import { explain } from './explain.ts';

const event = (more: Partial<LogEvent>): LogEvent => ({ log_id: '1', date: '2026-11-25T12:00:00.000Z', type: 'feccft', client_id: 'abc', client_name: 'nightly-job', audience: 'https://orders.test', ...more });
const meaning = (more: Partial<LogEvent>) => Object.entries(logs.explain).find(([, [words]]) => words === explain(event(more))?.meaning)?.[0];

test('each refusal of the token endpoint is told in words', () => {
  for (const [description, key] of [
    ['Unauthorized', 'wrongSecret'],
    ['Missing client_id', 'missingClientId'],
    ['Failed client authentication', 'badAssertion'],
    ['The client assertion is not good', 'badAssertion'],
    ['Invalid DPoP proof: it was used before', 'noProof'],
    ['authorization_details must be a JSON array of objects', 'details'],
    ['Service not enabled within domain: https://x.test', 'unknownApi'],
    ['Client "abc" is not authorized to access resource server "https://x.test". You need to create a "client-grant" associated to this API.', 'noGrant'],
    ['Client has not been granted scopes: delete:all', 'scope'],
    ['No audience parameter was provided, and no default audience has been configured', 'noAudience'],
    ["Grant type 'client_credentials' not allowed for the client.", 'grantType'],
    ['Grant type not supported', 'unsupportedGrant'],
    ['Resource server "https://x.test" does not allow access by clients.', 'clientsDenied'],
    ['Resource server "https://x.test" requires encrypted tokens, which are not issued here.', 'apiRefuses'],
    ['The client grant requires an organization.', 'organization'],
    ['Missing required parameter: grant_type', 'malformed'],
    ['Something new', 'refused'],
  ] as const) assert.equal(meaning({ description }), key, description);
  assert.equal(meaning({ description: 'Unauthorized', client_name: '' }), 'unknownClient');
  assert.equal(explain(event({ type: 'seccft' })), undefined);
  assert.equal(meaning({ description: 'Unauthorized', details: { trace: { reason: 'wrong_method' } } }), 'wrongMethod');
  assert.equal(meaning({ description: 'Unauthorized', details: { trace: { reason: 'wrong_secret' } } }), 'wrongSecret');
});

test('an explanation leads to where it is mended, as far as that is known', () => {
  assert.deepEqual(explain(event({ description: 'Unauthorized' }))?.places, [{ to: '/applications/abc/credentials', label: 'Credentials' }]);
  assert.deepEqual(explain(event({ description: 'Resource server "x" does not allow access by clients.' }))?.places.map(({ to }) => to), ['/apis/https%3A%2F%2Forders.test/settings']);
  assert.deepEqual(explain(event({ description: 'Grant type not supported', client_name: '' }))?.places, []);
});

test('an operation names its object and its page', () => {
  const act = (method: string, path: string, body: object = {}, sent: object = {}) => asAct(event({ type: 'sapi', details: { request: { method, path, body: sent }, response: { statusCode: 200, body } } }));
  assert.deepEqual([act('patch', '/api/v2/clients/abc', { client_id: 'abc', name: 'x' }, { name: 'x' })].map((one) => [one?.method, one?.to, one?.name, one?.fields]), [['PATCH', '/applications/abc/settings', 'x', ['name']]]);
  assert.equal(act('post', '/api/v2/clients', { client_id: 'new' })?.to, '/applications/new/settings');
  assert.equal(act('post', '/api/v2/client-grants', { client_id: 'c', audience: 'https://a.test' })?.name, 'https://a.test');
  assert.equal(act('delete', '/api/v2/clients/abc')?.to, undefined);
  assert.equal(act('patch', '/tenants/default/api/v2/tenants/settings')?.to, '/tenant/general');
  assert.equal(asAct(event({})), undefined);
});

test('means are weighted, and nothing is nothing', () => {
  assert.equal(meanOf([1, null, 4], [3, 5, 1]), 1.75);
  assert.equal(meanOf([null], [0]), undefined);
  assert.equal(percentSince(3, 0), undefined);
  assert.equal(percentSince(3, 2), 50);
  assert.equal(placeOfMost([null, 2, 5, 1]), 2);
  assert.equal(sum([1, null, 2]), 3);
});

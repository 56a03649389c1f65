import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const config = { ca: "/srv/o'clock/ca.pem", tenant: { domain: 'localhost:8443', isHost: true } };
Object.assign(globalThis, {
  document: { getElementById: () => ({ textContent: JSON.stringify(config) }), querySelector: () => null },
  location: new URL('https://localhost:8443/dashboard/'),
});
const { curl } = await import('./curl.ts');
const { keep } = await import('../pages/applications/quickstart/keep.ts');

/** The words that a shell makes of a command. */
const words = (command: string): string[] =>
  execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }\n${command}`], { env: { TOKEN: 't0', CLIENT_SECRET: 's"3\'' } }).toString().split('\0').slice(0, -1);

test('a command trusts the authority of this server, and only for this server', () => {
  assert.deepEqual(words(curl({ url: 'https://localhost:8443/x' })), ['-sS', '--cacert', config.ca, 'https://localhost:8443/x']);
  for (const url of ['http://localhost:3000/orders', 'https://orders.example/', 'orders']) assert.deepEqual(words(curl({ url })), ['-sS', url]);
});

test('a command says what is to be sent, whatever stands in it, and reads the variables that it names', () => {
  const body = JSON.stringify({ name: 'it\'s "$HOME" `x` \\', client_secret: '$CLIENT_SECRET' });
  assert.deepEqual(words(curl({ url: 'http://a/$x', method: 'PATCH', options: ['-i'], user: 'id:$CLIENT_SECRET', headers: { authorization: 'Bearer $TOKEN' }, body })), [
    '-sS', '-i', '-X', 'PATCH', 'http://a/$x', '-u', 'id:s"3\'', '-H', 'authorization: Bearer t0', '-d', body.replace('$CLIENT_SECRET', 's"3\''),
  ]);
});

test('a refusal is told, and not kept', () => {
  const command = keep('curl', { url: 'https://localhost:8443/oauth/token', headers: {}, json: { client_id: 'keep-test' } });
  const kept = '$XDG_RUNTIME_DIR/token-keep-test';
  const run = (answer: string, status: number) =>
    execFileSync('sh', ['-c', `
      export XDG_RUNTIME_DIR=$(mktemp -d)
      curl() { printf '%s' '${answer}' > "$answer"; return ${status}; }
      jq() { printf '9999999999\\nt0\\n'; }
      ${command}
      echo "token=$TOKEN"; [ -e "${kept}" ] && echo kept; rm -r "$XDG_RUNTIME_DIR"`], { env: { PATH: process.env['PATH'] } , stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  assert.equal(run('{"error":"access_denied"}', 22), 'token=\n');
  assert.equal(run('{}', 0), 'token=t0\nkept\n');
});

// Asking for a token, in the two ways the page offers, with one shape of answer.
import { isConfidential, revealSecret, type Client } from '../../../api/clients';
import { config, tenantUrl } from '../../../api/config';
import { testToken } from '../../../api/extras';
import { ApiError, Unreachable } from '../../../api/http';
import { logsQuery } from '../../../api/logs';
import { queryClient } from '../../../api/query';
import { can } from '../../../auth/me';
import { curl } from '../../../lib/curl';

export type Way = 'test' | 'real';
export type Asked = { client: Client; audience: string; scope: string; way: Way };
export type Answer = {
  asked: Asked;
  ms: number;
  logId: string | undefined;
} & ({ token: string; status: 200 } | { refusal: ApiError; status: number });

const isBasic = (client: Client) => client.token_endpoint_auth_method === 'client_secret_basic';

/** Whether the page can make the call that the application would make. */
export const canCall = (client: Client): boolean => {
  const keys = client.client_authentication_methods;
  return can('read:client_keys') && isConfidential(client) && (keys === undefined || keys === null);
};

export async function ask(asked: Asked): Promise<Answer> {
  const began = performance.now();
  const since = Date.now();
  try {
    if (asked.way === 'real') return await call(asked);
    const { client, audience, scope } = asked;
    const { access_token: token, duration_ms: ms, log_id: logId } = await testToken({ client_id: client.client_id, audience, ...(scope !== '' && { scope }) });
    return { asked, token, status: 200, ms, logId };
  } catch (error) {
    // What is not a refusal of the token is not an answer either.
    if (!(error instanceof ApiError) || error.statusCode >= 500 || error.errorCode === undefined || NOT_REFUSALS.has(error.errorCode)) throw error;
    return { asked, refusal: error, status: error.statusCode, ms: performance.now() - began, logId: await findLog(asked.client.client_id, since) };
  }
}

const NOT_REFUSALS = new Set(['insufficient_scope', 'inexistent_client', 'too_many_requests', 'invalid_body', 'invalid_token']);

/** The application's own request, with its secret, which is not kept. */
async function call(asked: Asked): Promise<Answer> {
  const { client, audience, scope } = asked;
  const secret = await revealSecret(client.client_id);
  const since = Date.now();
  const began = performance.now();
  const headers = new Headers({ 'content-type': 'application/json' });
  if (isBasic(client)) headers.set('authorization', `Basic ${btoa(`${encodeURIComponent(client.client_id)}:${encodeURIComponent(secret)}`)}`);
  const answer = await fetch(new URL(`${config.tenant.prefix}/oauth/token`, location.origin), { method: 'POST', headers, body: JSON.stringify(bodyOf(client, audience, scope, secret)) }).catch(() => {
    throw new Unreachable();
  });
  const body = (await answer.json().catch(() => ({}))) as { access_token?: string; error?: string; error_description?: string };
  const ms = performance.now() - began;
  const logId = await findLog(client.client_id, since);
  if (answer.ok && body.access_token !== undefined) return { asked, token: body.access_token, status: 200, ms, logId };
  const words = { ...(body.error !== undefined && { errorCode: body.error }), ...(body.error_description !== undefined && { message: body.error_description }) };
  return { asked, refusal: new ApiError(answer.status, words, answer.headers), status: answer.status, ms, logId };
}

/** The event that tells of the request; it is written a moment after the answer. */
async function findLog(clientId: string, since: number): Promise<string | undefined> {
  if (!can('read:logs')) return undefined;
  const q = `client_id:${JSON.stringify(clientId)} AND (type:seccft OR type:feccft)`;
  for (const wait of [120, 250, 500]) {
    await new Promise((done) => setTimeout(done, wait));
    const [newest] = await queryClient.fetchQuery({ ...logsQuery(q, 0, 1), staleTime: 0 }).catch(() => []);
    // Clocks of browser and server need not agree to the second.
    if (newest !== undefined && new Date(newest.date).getTime() > since - 5_000) return newest.log_id;
  }
  return undefined;
}

function bodyOf(client: Client, audience: string, scope: string, secret: string) {
  return {
    grant_type: 'client_credentials',
    ...(!isBasic(client) && { client_id: client.client_id, client_secret: secret }),
    audience,
    ...(scope !== '' && { scope }),
  };
}

/** The same request as a command; without a secret it comes from the environment. */
export const asCurl = ({ client, audience, scope }: Omit<Asked, 'way'>, secret = '$CLIENT_SECRET'): string =>
  curl({
    url: `${tenantUrl}/oauth/token`,
    ...(isBasic(client) && { user: `${client.client_id}:${secret}` }),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(bodyOf(client, audience, scope, secret)),
  });

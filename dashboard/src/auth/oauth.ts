// The code flow with PKCE against the tenant that people sign in at. State and verifier are stored only while the
// browser is away; tokens never are.
import * as oauth from 'oauth4webapi';
import { basePath, config } from '../api/config';

export type Tokens = {
  access: string;
  refresh?: string | undefined;
  /** Unix milliseconds. */
  expiresAt: number;
  sessionEndsAt?: number | undefined;
};

type Pending = { state: string; verifier: string; nonce: string; returnTo: string; silent: boolean };

const PENDING = 'countersign.signin';

const authority = location.origin + config.authority;
const server: oauth.AuthorizationServer = {
  issuer: config.issuer,
  authorization_endpoint: `${authority}/authorize`,
  token_endpoint: `${authority}/oauth/token`,
  userinfo_endpoint: `${authority}/userinfo`,
};
const client: oauth.Client = { client_id: config.clientId, token_endpoint_auth_method: 'none' };
const redirectUri = `${location.origin}${config.base}/callback`;
// On loopback the page may come by plain HTTP.
const options = { [oauth.allowInsecureRequests]: location.protocol === 'http:' };

/** Leaves for the login; `prompt: none` comes back at once, with or without a code. */
export async function beginSignIn(how: { prompt?: 'none'; maxAge?: number; returnTo?: string }): Promise<void> {
  const pending: Pending = {
    state: oauth.generateRandomState(),
    verifier: oauth.generateRandomCodeVerifier(),
    nonce: oauth.generateRandomNonce(),
    returnTo: how.returnTo ?? location.pathname + location.search + location.hash,
    silent: how.prompt === 'none',
  };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const url = new URL(server.authorization_endpoint ?? '');
  const parameters = {
    client_id: config.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    audience: config.tenant.audience,
    scope: 'openid profile email offline_access',
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  if (how.prompt !== undefined) url.searchParams.set('prompt', how.prompt);
  if (how.maxAge !== undefined) url.searchParams.set('max_age', String(how.maxAge));
  location.replace(url);
}

/**
 * What the browser came back with: tokens, nothing, or it was sent away again, which happens when nobody is signed in
 * or when the page that asked belongs to another tenant.
 */
export async function finishSignIn(): Promise<Tokens | 'none' | 'away'> {
  const here = new URL(location.href);
  if (!here.searchParams.has('state') || !(here.searchParams.has('code') || here.searchParams.has('error'))) return 'none';
  const pending = readPending();
  if (pending === undefined) {
    history.replaceState(null, '', `${basePath}/`);
    return 'none';
  }
  if (!belongsHere(pending.returnTo)) {
    const other = new URL(pending.returnTo, location.origin);
    for (const [name, value] of here.searchParams) other.searchParams.set(name, value);
    location.replace(other);
    return 'away';
  }
  sessionStorage.removeItem(PENDING);
  const answer = new URLSearchParams();
  for (const name of ['code', 'state', 'iss', 'error', 'error_description']) {
    const value = here.searchParams.get(name);
    if (value !== null) answer.set(name, value);
  }
  history.replaceState(null, '', pending.returnTo);
  if (answer.has('error')) {
    const needsPerson = ['login_required', 'consent_required', 'interaction_required'].includes(answer.get('error') ?? '');
    if (pending.silent && needsPerson && answer.get('state') === pending.state) {
      await beginSignIn({ returnTo: pending.returnTo });
      return 'away';
    }
    throw new Error(answer.get('error_description') ?? answer.get('error') ?? '');
  }
  return exchange(answer, pending);
}

async function exchange(answer: URLSearchParams, pending: Pending): Promise<Tokens> {
  const checked = oauth.validateAuthResponse(server, client, answer, pending.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server, client, oauth.None(), checked, redirectUri, pending.verifier, options,
  );
  const body = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: pending.nonce,
    requireIdToken: true,
  });
  return tokensOf(body);
}

/** New tokens for a refresh token, or word that it is of no use any more. */
export async function refreshTokens(token: string): Promise<Tokens | 'ended'> {
  try {
    const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), token, options);
    return tokensOf(await oauth.processRefreshTokenResponse(server, client, response));
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) return 'ended';
    throw error;
  }
}

function tokensOf(body: oauth.TokenEndpointResponse): Tokens {
  const ends = body['refresh_token_expires_in'];
  return {
    access: body.access_token,
    refresh: body.refresh_token,
    expiresAt: Date.now() + (body.expires_in ?? 600) * 1000,
    sessionEndsAt: typeof ends === 'number' ? Date.now() + ends * 1000 : undefined,
  };
}

function readPending(): Pending | undefined {
  const stored = sessionStorage.getItem(PENDING);
  return stored === null ? undefined : JSON.parse(stored);
}

/** Whether a path is one of the tenant that this page manages. */
function belongsHere(path: string): boolean {
  const named = path.match(/^\/dashboard\/@([^/]+)/)?.[1];
  return config.tenant.isHost ? named === undefined || named === config.tenant.name : named === config.tenant.name;
}

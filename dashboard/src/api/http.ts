// Requests to the managed tenant, with the bearer of who is signed in, and what is wrong with them in one shape.
import { bearer, refused } from '../auth/session';
import { config } from './config';

export type Query = Record<string, string | number | boolean | undefined | null>;

export type Asked = {
  query?: Query;
  body?: unknown;
  /** In place of a body: parts, such as a file. */
  form?: FormData;
  /** Version that must still be the stored one; anything else is a `Conflict`. */
  etag?: string | null;
  signal?: AbortSignal;
};

/** One object with the version it had when it was read. */
export type Versioned<T> = { value: T; etag: string | null };

/** A refusal, in the words of the Management API. */
export class ApiError extends Error {
  readonly statusCode: number;
  readonly error: string;
  readonly errorCode: string | undefined;
  readonly requestId: string | undefined;
  /** Seconds to wait, when the server says so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, body: Partial<ApiError> & { error_description?: string }, headers?: Headers) {
    super(body.message ?? body.error_description ?? body.error ?? `The server answered ${status}.`);
    this.name = 'ApiError';
    this.statusCode = status;
    this.error = body.error ?? '';
    this.errorCode = body.errorCode;
    this.requestId = headers?.get('x-request-id') ?? headers?.get('x-auth0-requestid') ?? undefined;
    this.retryAfter = status === 429 ? waitOf(headers) : undefined;
  }

  /** The scopes of which one would have been enough, when that is what was missing. */
  get missingScopes(): string[] | undefined {
    if (this.errorCode !== 'insufficient_scope') return undefined;
    const scopes = this.message.match(/[a-z]+:[a-z_]+/g);
    return scopes === null ? undefined : [...scopes];
  }
}

/** Seconds until the next try: as told, or until the bucket is filled again. */
function waitOf(headers: Headers | undefined): number | undefined {
  const told = headers?.get('retry-after');
  if (told) return Number(told);
  const reset = headers?.get('x-ratelimit-reset');
  return reset ? Math.max(Math.ceil(Number(reset) - Date.now() / 1000), 1) : undefined;
}

/** Somebody else has saved the object since it was read. */
export class Conflict extends ApiError {}

/** The server could not be reached at all. */
export class Unreachable extends Error {
  constructor() {
    super('The server cannot be reached.');
    this.name = 'Unreachable';
  }
}

/** The URL of a path such as `/api/v2/clients` of the managed tenant. */
export function urlOf(path: string, query: Query = {}): string {
  const url = new URL(config.tenant.prefix + path, location.origin);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') url.searchParams.set(name, String(value));
  }
  return url.href;
}

/** Sends one request; a 401 is answered by a fresh token, once. */
export async function send(method: string, path: string, asked: Asked = {}): Promise<Response> {
  const attempt = async (token: string) => {
    const headers = new Headers({ authorization: `Bearer ${token}` });
    if (asked.body !== undefined) headers.set('content-type', 'application/json');
    if (asked.etag) headers.set('if-match', asked.etag);
    try {
      const body = asked.form ?? (asked.body === undefined ? null : JSON.stringify(asked.body));
      const answer = await fetch(urlOf(path, asked.query), { method, headers, body, signal: asked.signal ?? null });
      reachable(true);
      return answer;
    } catch (error) {
      if (asked.signal?.aborted) throw error;
      reachable(false);
      throw new Unreachable();
    }
  };
  const token = await bearer();
  let answer = await attempt(token);
  if (answer.status === 401) answer = await attempt(await refused(token));
  if (!answer.ok) {
    const body = await answer.json().catch(() => ({}));
    throw answer.status === 412 ? new Conflict(412, body, answer.headers) : new ApiError(answer.status, body, answer.headers);
  }
  return answer;
}

/** Sends one request and reads its answer and version. */
export async function request<T>(method: string, path: string, asked: Asked = {}): Promise<Versioned<T>> {
  const answer = await send(method, path, asked);
  const text = await answer.text();
  return { value: (text === '' ? undefined : JSON.parse(text)) as T, etag: answer.headers.get('etag') };
}

export const get = async <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  (await request<T>('GET', path, { ...(query && { query }), ...(signal && { signal }) })).value;

/** Reads one object with its version. */
export const read = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<Versioned<T>> =>
  request<T>('GET', path, { ...(query && { query }), ...(signal && { signal }) });

export const post = async <T>(path: string, body?: unknown): Promise<T> =>
  (await request<T>('POST', path, { body })).value;

export const put = async <T>(path: string, body?: unknown): Promise<T> =>
  (await request<T>('PUT', path, { body })).value;

export const patch = <T>(path: string, body: unknown, asked: { etag?: string | null } = {}): Promise<Versioned<T>> =>
  request<T>('PATCH', path, { body, ...asked });

export const remove = async (path: string, asked: { etag?: string | null } = {}): Promise<void> => {
  await request('DELETE', path, asked);
};

// Whether the last request got an answer; the banner of the shell follows it.
let isReachable = true;
const listeners = new Set<() => void>();

function reachable(now: boolean) {
  if (now === isReachable) return;
  isReachable = now;
  for (const listener of listeners) listener();
}

export const reach = {
  now: () => isReachable,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  /** Settles when the server has answered again. */
  back: () =>
    new Promise<void>((resolve) => {
      const stop = reach.subscribe(() => { if (isReachable) { stop(); resolve(); } });
    }),
  /** Asks the server whether it is back. */
  check: async () => {
    try {
      await fetch('/healthz', { cache: 'no-store' });
      reachable(true);
    } catch {
      reachable(false);
    }
  },
};

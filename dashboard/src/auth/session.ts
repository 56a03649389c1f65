// Who is signed in: tokens in memory only, refreshed before they expire, and the way back to the login page.
import { config } from '../api/config';
import { beginSignIn, finishSignIn, refreshTokens, type Tokens } from './oauth';
import { stashDrafts } from '../lib/drafts';

type State = {
  tokens?: Tokens;
  /** Why nobody could be signed in, for the page that says so. */
  failure?: string;
};

const state: State = {};
const listeners = new Set<() => void>();
const EARLY_MS = 30_000;

export const session = {
  /** When signing in again becomes necessary, as Unix milliseconds, if that is known. */
  endsAt: (): number | undefined => state.tokens?.sessionEndsAt,
  failure: (): string | undefined => state.failure,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

/** Signs in or comes back from it. `false` means that the browser is on its way to another page. */
export async function start(): Promise<boolean> {
  if (config.devToken !== undefined) {
    state.tokens = { access: config.devToken, expiresAt: Number.POSITIVE_INFINITY };
    return true;
  }
  try {
    const outcome = await finishSignIn();
    if (outcome === 'away') return false;
    if (outcome === 'none') {
      await beginSignIn({ prompt: 'none' });
      return false;
    }
    keep(outcome);
    return true;
  } catch (error) {
    state.failure = error instanceof Error ? error.message : String(error);
    return true;
  }
}

/** The access token to send now. */
export async function bearer(): Promise<string> {
  const tokens = state.tokens;
  if (tokens === undefined) return signInAgain();
  if (tokens.expiresAt - Date.now() > EARLY_MS) return tokens.access;
  return refresh();
}

/** Another access token, after the server refused this one. */
export async function refused(token: string): Promise<string> {
  if (config.devToken !== undefined) return token;
  const current = state.tokens?.access;
  return current !== undefined && current !== token ? current : refresh();
}

/** Renews the tokens at once, as "Stay signed in" does. */
export const stay = (): Promise<string> => refresh();

// One refresh at a time: its token can be used only once.
let refreshing: Promise<string> | undefined;

function refresh(): Promise<string> {
  refreshing ??= (async () => {
    const token = state.tokens?.refresh;
    if (token === undefined) return signInAgain();
    const outcome = await refreshTokens(token);
    if (outcome === 'ended') return signInAgain();
    keep({ ...outcome, sessionEndsAt: outcome.sessionEndsAt ?? state.tokens?.sessionEndsAt });
    return outcome.access;
  })().finally(() => {
    refreshing = undefined;
  });
  return refreshing;
}

/** Leaves for the login page with the unsaved edits kept; never returns. */
export async function signInAgain(): Promise<never> {
  stashDrafts();
  await beginSignIn({ prompt: 'none' });
  return new Promise<never>(() => {});
}

/** Leaves for the login page without trying the existing session. */
export async function signInFresh(): Promise<never> {
  stashDrafts();
  await beginSignIn({});
  return new Promise<never>(() => {});
}

const RESUME = 'countersign.resume';

/** Asks the person to prove themselves again before a dangerous act; `resume` is handed back after it. */
export async function reauthenticate(resume?: string): Promise<never> {
  stashDrafts();
  if (resume !== undefined) sessionStorage.setItem(RESUME, resume);
  await beginSignIn({ maxAge: 0 });
  return new Promise<never>(() => {});
}

/** What was to be done when the person had to prove themselves, once. */
export function takeResume(): string | undefined {
  const resume = sessionStorage.getItem(RESUME);
  sessionStorage.removeItem(RESUME);
  return resume ?? undefined;
}

/** Ends the session here and at the server. */
export function signOut(): void {
  delete state.tokens;
  const url = new URL(`${config.authority}/v2/logout`, location.origin);
  url.searchParams.set('client_id', config.clientId);
  url.searchParams.set('returnTo', `${location.origin}${config.base}/`);
  location.assign(url);
}

function keep(tokens: Tokens) {
  state.tokens = tokens;
  delete state.failure;
  schedule(tokens);
  for (const listener of listeners) listener();
}

let timer: ReturnType<typeof setTimeout> | undefined;

function schedule(tokens: Tokens) {
  clearTimeout(timer);
  if (tokens.refresh === undefined) return;
  const left = Math.max(tokens.expiresAt - Date.now() - 60_000, 5_000);
  // A page that was put aside renews when it is next used; a failure shows then.
  timer = setTimeout(() => void refresh().catch(() => {}), left);
}

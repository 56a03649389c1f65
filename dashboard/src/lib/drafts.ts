// Unsaved edits, by object. They outlive the page that made them, so that tabs of one object can be walked through, and
// the way to the login page and back.
import { equal } from './diff';

export type Draft = {
  /** The object as it was read, which the edits are compared with. */
  base: unknown;
  etag: string | null;
  draft: unknown;
  /** Path within which walking does not lose the edits. */
  within: string;
};

const STASH = 'countersign.drafts';
const drafts = new Map<string, Draft>();
/** An empty row is kept while it is typed, but nothing is lost with it. */
const isEdited = ({ base, draft }: Draft) => !equal(base, draft);
const listeners = new Set<() => void>();

export const draftStore = {
  get: (key: string): Draft | undefined => drafts.get(key),
  set: (key: string, draft: Draft) => {
    drafts.set(key, draft);
    tell();
  },
  drop: (key: string) => {
    if (drafts.delete(key)) tell();
  },
  /** Keys of the edits that would be lost on the way to a path. */
  lostAt: (path: string): string[] =>
    [...drafts].filter(([, draft]) => isEdited(draft) && path !== draft.within && !path.startsWith(`${draft.within}/`)).map(([key]) => key),
  /** Keys of the edits of one object, which may be gone. */
  keysWithin: (path: string): string[] => [...drafts].filter(([, { within }]) => within === path).map(([key]) => key),
  any: () => [...drafts.values()].some(isEdited),
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

function tell() {
  for (const listener of listeners) listener();
}

let isLeaving = false;

/** Keeps the edits over a full navigation of our own. */
export function stashDrafts() {
  isLeaving = true;
  if (drafts.size > 0) sessionStorage.setItem(STASH, JSON.stringify([...drafts]));
}

/** Brings back what was kept. */
export function unstashDrafts() {
  const stored = sessionStorage.getItem(STASH);
  sessionStorage.removeItem(STASH);
  if (stored === null) return;
  for (const [key, draft] of JSON.parse(stored) as [string, Draft][]) drafts.set(key, draft);
}

addEventListener('beforeunload', (event) => {
  if (draftStore.any() && !isLeaving) event.preventDefault();
});

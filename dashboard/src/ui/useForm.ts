// A form over one object: edits are kept as a draft beside what was read, saved as a PATCH of what changed, and
// compared with what somebody else saved meanwhile.
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { historyQuery, type HistoryEntry, type HistoryKind } from '../api/extras';
import { Conflict, type Versioned } from '../api/http';
import { queryClient } from '../api/query';
import { changesBetween, patchOf, valueAt, withValue, type Change } from '../lib/diff';
import { draftStore } from '../lib/drafts';
import { ui } from '../text/ui';
import { announce } from './announce';

/** `by` is the newest entry of the history, if it could be read. */
export type Theirs<T> = { version: Versioned<T>; by: HistoryEntry['actor'] | undefined; fields: { path: string; base: unknown; theirs: unknown; mine: unknown; isMine: boolean; isTheirs: boolean }[] };

/** One request that saves, for people to look at; a PATCH unless it says otherwise. */
export type PatchRequest = { path: string; body: unknown; method?: string };

export type Form<T> = ReturnType<typeof useForm<T>>;

export function useForm<T>(of: {
  /** Names the object among all drafts: `clients/abc`. */
  key: string;
  /** What the server has. */
  read: Versioned<T>;
  /** Path within which walking does not lose the edits: `/applications/abc`. */
  within: string;
  /** The request that saves, for people to look at: `/api/v2/clients/abc`. */
  path: string;
  /** Names of the fields, by path, for the review. */
  labels: Record<string, string>;
  save: (patch: Record<string, unknown>, etag: string | null) => Promise<Versioned<T>>;
  /** Reads the object anew when somebody else has saved it. */
  reload: () => Promise<Versioned<T>>;
  /** What keeps the draft from being saved, by path. */
  check?: (draft: T) => Record<string, string | undefined>;
  /** Top-level fields whose keys the server merges, so that a key is removed by null. */
  merged?: string[];
  /** Where the history of the object is, to name who saved it meanwhile. */
  history?: { kind: HistoryKind; id: string };
  /** What is really sent for these changes, where it is not one PATCH of `path`. */
  requests?: (body: Record<string, unknown>, base: T) => PatchRequest[];
}) {
  const stored = useSyncExternalStore(draftStore.subscribe, () => draftStore.get(of.key));
  const base = (stored?.base ?? of.read.value) as T;
  const etag = stored === undefined ? of.read.etag : stored.etag;
  const draft = (stored?.draft ?? base) as T;
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [theirs, setTheirs] = useState<Theirs<T>>();
  const [isShowingErrors, setShowingErrors] = useState(false);

  const changes: Change[] = useMemo(() => changesBetween(base, draft), [base, draft]);
  const body = useMemo(() => patchOf(base, draft, of.merged), [base, draft, of.merged]);
  const faults = useMemo(() => Object.entries(of.check?.(draft) ?? {}).filter(([, fault]) => fault !== undefined) as [string, string][], [of, draft]);

  const put = (next: T, on: { base: T; etag: string | null } = { base, etag }) => {
    // Told apart to the letter: an empty row changes nothing yet, and must stay to be filled in.
    if (JSON.stringify(on.base) === JSON.stringify(next)) draftStore.drop(of.key);
    else draftStore.set(of.key, { base: on.base, etag: on.etag, draft: next, within: of.within });
  };
  const set = (path: string, value: unknown) => {
    setError(undefined);
    // Several sets in one turn build on each other.
    put(withValue((draftStore.get(of.key)?.draft ?? base) as T, path, value) as T);
  };
  const discard = () => {
    draftStore.drop(of.key);
    setShowingErrors(false);
    setError(undefined);
  };

  const send = async (patch: Record<string, unknown>, etag: string | null) => {
    setBusy(true);
    setError(undefined);
    try {
      await of.save(patch, etag);
      draftStore.drop(of.key);
      setTheirs(undefined);
      setShowingErrors(false);
      announce(ui.saved);
      return true;
    } catch (error) {
      if (error instanceof Conflict) setTheirs(compare(...(await Promise.all([of.reload(), lastActor()]))));
      else setError(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const lastActor = async () => {
    if (of.history === undefined) return undefined;
    const entries = await queryClient.fetchQuery({ ...historyQuery(of.history.kind, of.history.id, 1), staleTime: 0 }).catch(() => []);
    return entries[0]?.actor;
  };
  const compare = (version: Versioned<T>, by: HistoryEntry['actor'] | undefined): Theirs<T> => {
    const byThem = changesBetween(base, version.value);
    const touched = new Map([...byThem, ...changes].map((change) => [change.path, change.keys]));
    const has = (those: Change[], path: string) => those.some((change) => change.path === path);
    return {
      version,
      by,
      fields: [...touched].map(([path, keys]) => ({
        path, base: valueAt(base, keys), theirs: valueAt(version.value, keys), mine: valueAt(draft, keys), isMine: has(changes, path), isTheirs: has(byThem, path),
      })),
    };
  };
  /** Saves; `false` when it did not, and then the form says why. */
  const save = async (): Promise<boolean> => {
    if (changes.length === 0) return true;
    if (faults.length > 0) {
      setShowingErrors(true);
      return false;
    }
    return send(body, etag);
  };
  /** My changes on top of what the other one saved, but for the fields in which theirs holds. */
  const keepMine = async (except: string[] = []) => {
    if (theirs === undefined) return;
    const kept = changes.filter(({ path }) => !except.includes(path));
    if (kept.length === 0) return takeTheirs();
    const next = kept.reduce<T>((value, change) => withValue(value, change.keys, change.new) as T, theirs.version.value);
    put(next, { base: theirs.version.value, etag: theirs.version.etag });
    await send(patchOf(theirs.version.value, next, of.merged), theirs.version.etag);
  };
  const takeTheirs = () => {
    setTheirs(undefined);
    discard();
  };

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      document.querySelector<HTMLButtonElement>('[data-save]')?.click();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  return {
    draft, base, changes, body, faults, isBusy, error, theirs, isShowingErrors,
    set, save, discard, keepMine, takeTheirs,
    closeConflict: () => setTheirs(undefined),
    requests: (): PatchRequest[] => of.requests?.(body, base) ?? [{ path: of.path, body }],
    labelOf: (path: string) => of.labels[path] ?? of.labels[path.split('.')[0]!] ?? path,
    /** The error of a field: at once if it was touched, otherwise when saving was tried. */
    errorOf: (path: string): string | undefined => {
      const fault = faults.find(([at]) => at === path)?.[1];
      return fault !== undefined && (isShowingErrors || changes.some((change) => change.path === path || change.path.startsWith(`${path}.`))) ? fault : undefined;
    },
  };
}

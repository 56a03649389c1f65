// What changed between two versions of an object, as leaves for people and as a body for PATCH.

export type Json = unknown;
type Tree = Record<string, Json>;

/** `path` is for people and labels; `keys` is the same where a key itself may hold dots. */
export type Change = { path: string; keys: string[]; old: Json; new: Json };

const isTree = (value: Json): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Nothing, an empty text and a list or object of nothing are the same to whoever looks at a form. */
const isNothing = (value: Json): boolean =>
  value === undefined || value === null || value === '' ||
  (Array.isArray(value) && value.every(isNothing)) || (isTree(value) && Object.values(value).every(isNothing));

export function equal(one: Json, other: Json): boolean {
  if (one === other || (isNothing(one) && isNothing(other))) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    const [ones, others] = [one.filter((item) => !isNothing(item)), other.filter((item) => !isNothing(item))];
    return ones.length === others.length && ones.every((item, index) => equal(item, others[index]));
  }
  if (isTree(one) && isTree(other)) {
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) => equal(one[key], other[key]));
  }
  return false;
}

/** Each leaf that differs, by its dotted path; a list is one leaf. */
export function changesBetween(base: Json, draft: Json, prefix: string[] = []): Change[] {
  const [old, now] = [isTree(base) ? base : {}, isTree(draft) ? draft : {}];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((key) => {
    const keys = [...prefix, key];
    if (equal(old[key], now[key])) return [];
    const isInner = isTree(old[key]) || isTree(now[key]);
    const bothTrees = (isTree(old[key]) || isNothing(old[key])) && (isTree(now[key]) || isNothing(now[key]));
    return isInner && bothTrees ? changesBetween(old[key], now[key], keys) : [{ path: keys.join('.'), keys, old: old[key], new: now[key] }];
  });
}

/**
 * The body that makes the stored object what the draft is. An inner object is sent whole; where the server merges keys
 * (`merged`), those taken away are sent as null.
 */
export function patchOf(base: Json, draft: Json, merged: string[] = []): Tree {
  const [old, now] = [isTree(base) ? base : {}, isTree(draft) ? draft : {}];
  const body: Tree = {};
  for (const { keys } of changesBetween(old, now)) {
    const name = keys[0]!;
    const value = now[name];
    if (merged.includes(name) && isTree(old[name])) {
      const gone = Object.keys(old[name]).filter((key) => !isTree(value) || value[key] === undefined);
      body[name] = { ...(isTree(value) ? value : {}), ...Object.fromEntries(gone.map((key) => [key, null])) };
    } else {
      body[name] = value === undefined ? null : Array.isArray(value) ? value.filter((item) => !isNothing(item)) : value;
    }
  }
  return body;
}

type Path = string | string[];

const keysOf = (path: Path) => (typeof path === 'string' ? path.split('.') : path);

export function valueAt(tree: Json, path: Path): Json {
  return keysOf(path).reduce<Json>((value, key) => (isTree(value) ? value[key] : undefined), tree);
}

/** The same tree with another value at a path; nothing else is touched. */
export function withValue(tree: Json, path: Path, value: Json): Tree {
  const [key, ...rest] = keysOf(path) as [string, ...string[]];
  const here = isTree(tree) ? tree : {};
  return { ...here, [key]: rest.length === 0 ? value : withValue(here[key], rest, value) };
}

/** A value as people read it in a table of changes. */
export function showValue(value: Json): string {
  if (isNothing(value)) return '–';
  if (value === true) return 'on';
  if (value === false) return 'off';
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

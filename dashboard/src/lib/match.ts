// How well a name fits what was typed, for lists that are in the page already.

/** 0 for not at all; more for a better fit: the whole, its beginning, a word's beginning, within, letters in order. */
export function fit(typed: string, ...names: string[]): number {
  const needle = typed.trim().toLowerCase();
  return needle === '' ? 0 : Math.max(0, ...names.map((name) => one(needle, name.toLowerCase())));
}

function one(needle: string, name: string): number {
  if (name === needle) return 5;
  if (name.startsWith(needle)) return 4;
  if (name.split(/[\s\-_./:@]+/).some((word) => word.startsWith(needle))) return 3;
  if (name.includes(needle)) return 2;
  // A letter or two are in every name.
  return needle.length > 2 && inOrder(needle, name) ? 1 : 0;
}

function inOrder(needle: string, name: string): boolean {
  let at = 0;
  for (const letter of name) if (letter === needle[at]) at += 1;
  return at === needle.length;
}

// Queries in the server's filter syntax, from what people type into a filter.

/** A value as a word, with everything escaped that means something. */
export const escaped = (text: string): string => text.replace(/[\\+\-!(){}[\]^"~*?:/&|\s]/g, '\\$&');

/**
 * Finds values that contain a text. The server minds case, so that the usual ways of writing are asked for; it takes no
 * wildcard before fewer than three characters, so that those find beginnings only.
 */
export function containing(fields: string[], text: string): string {
  const typed = text.trim();
  const lower = typed.toLowerCase();
  const ways = new Set([typed, lower, lower.charAt(0).toUpperCase() + lower.slice(1)]);
  return fields
    .flatMap((field) => [...ways].map((way) => `${field}:${typed.length < 3 ? '' : '*'}${escaped(way)}*`))
    .join(' OR ');
}

// What the server takes.
const LONGEST = 1000;
const MOST_CLAUSES = 60;

/** Queries that together find the objects with one of these values; each is as long as the server takes. */
export function oneOf(field: string, values: string[], also = ''): string[] {
  const begin = also === '' ? '' : `${also} AND `;
  const queries: string[][] = [];
  let room = 0;
  for (const value of values.map((value) => JSON.stringify(value))) {
    const last = queries.at(-1);
    if (last === undefined || value.length + 4 > room || last.length >= MOST_CLAUSES) {
      queries.push([value]);
      room = LONGEST - begin.length - field.length - 3 - value.length;
    } else {
      last.push(value);
      room -= value.length + 4;
    }
  }
  return queries.map((values) => `${begin}${field}:(${values.join(' OR ')})`);
}

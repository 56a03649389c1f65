// Queries in the server's filter syntax, from what people type into a filter.

const escaped = (text: string) => text.replace(/[\\+\-!(){}[\]^"~*?:/&|\s]/g, '\\$&');

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

/** Finds the objects that have one of these values. */
export const oneOf = (field: string, values: string[]): string =>
  `${field}:(${values.map((value) => JSON.stringify(value)).join(' OR ')})`;

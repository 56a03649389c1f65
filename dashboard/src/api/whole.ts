// The whole of a list, however many pages it comes in.
import { get, type Query } from './http';

const PER_PAGE = 100;

/** Of a list whose pages have numbers. */
export async function whole<T>(path: string, name: string, signal: AbortSignal, query: Query = {}): Promise<T[]> {
  const all: T[] = [];
  for (let page = 0; ; page += 1) {
    const answer = await get<Record<string, T[]> & { total: number }>(path, { ...query, page, per_page: PER_PAGE, include_totals: true }, signal);
    const here = answer[name] ?? [];
    all.push(...here);
    if (all.length >= answer.total || here.length === 0) return all;
  }
}

/** Of a list whose pages say where the next one begins. */
export async function wholeByCursor<T>(path: string, name: string, signal: AbortSignal, query: Query = {}): Promise<T[]> {
  const all: T[] = [];
  let from: string | undefined;
  do {
    const page: Record<string, T[]> & { next?: string } = await get(path, { take: PER_PAGE, ...query, from }, signal);
    all.push(...(page[name] ?? []));
    from = page.next;
  } while (from !== undefined);
  return all;
}

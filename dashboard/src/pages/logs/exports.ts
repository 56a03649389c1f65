// What is filtered, as a file: read from the server page by page, whatever the table has loaded.
import type { LogEvent } from '../../api/logs';
import { csvOf } from '../../ui/download';
import { cursorAfter, readPage } from './events';

const MOST_EXPORTED = 50_000;

/** Every event that a filter finds, newest first; `onCount` hears how many there are so far. */
export async function readAll(q: string, from: string, to: string | undefined, signal: AbortSignal, onCount: (count: number) => void): Promise<{ events: LogEvent[]; isCut: boolean }> {
  const events = new Map<string, LogEvent>();
  let cursor: ReturnType<typeof cursorAfter> = { page: 0 };
  while (cursor !== undefined && events.size < MOST_EXPORTED) {
    const page: LogEvent[] = await readPage(q, from, to, cursor, signal);
    for (const event of page) events.set(event.log_id, event);
    onCount(events.size);
    cursor = cursorAfter(page, cursor);
  }
  return { events: [...events.values()], isCut: cursor !== undefined };
}

export const asLines = (events: LogEvent[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');

const COLUMNS = ['date', 'type', 'description', 'client_id', 'client_name', 'audience', 'scope', 'ip', 'user_agent', 'user_id', 'user_name', 'connection', 'hostname', 'organization_id', 'log_id'];

export const asCsv = (events: LogEvent[]): string => csvOf([COLUMNS, ...events.map((event) => COLUMNS.map((column) => event[column]))]);

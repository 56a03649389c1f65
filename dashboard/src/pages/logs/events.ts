// What the log's table shows: pages of events that a filter finds, and those that happen meanwhile.
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { get } from '../../api/http';
import { tailLogs, type LogEvent } from '../../api/logs';
import { allOf } from '../../lib/lucene';

export const PAGE = 100;

/** Where the next page begins: at this time, so many pages on. */
type Cursor = { until?: string; page: number };

const within = (from: string, to: string | undefined) => `date:[${from} TO ${to ?? '*'}]`;

/** One page of events, newest first. Those of one millisecond may come again on the next page. */
export const readPage = (q: string, from: string, to: string | undefined, cursor: Cursor, signal?: AbortSignal): Promise<LogEvent[]> =>
  get('/api/v2/logs', { q: allOf(q, within(from, cursor.until ?? to)), page: cursor.page, per_page: PAGE, sort: 'date:-1' }, signal);

/** The server pages through the first thousand only, so each page ends where the next begins: in time. */
export function cursorAfter(events: LogEvent[], cursor: Cursor): Cursor | undefined {
  const last = events.at(-1);
  if (last === undefined || events.length < PAGE) return undefined;
  return last.date === cursor.until ? { until: last.date, page: cursor.page + 1 } : { until: last.date, page: 0 };
}

const eventsQuery = (q: string, from: string, to?: string) =>
  infiniteQueryOptions({
    queryKey: ['logs', 'list', q, from, to ?? ''],
    queryFn: ({ signal, pageParam }) => readPage(q, from, to, pageParam, signal),
    initialPageParam: { page: 0 } as Cursor,
    getNextPageParam: (events, _all, cursor) => cursorAfter(events, cursor),
    // A list that somebody reads does not change under their eyes.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    gcTime: 60_000,
  });

/** Each event once, by its identifier. */
export const unique = (events: LogEvent[]): LogEvent[] => [...new Map(events.map((event) => [event.log_id, event])).values()];

/** The events of a filter; while another one is read, or if it is refused, those of the one before. */
export function useEvents(q: string, from: string, to: string | undefined) {
  const read = useInfiniteQuery(eventsQuery(q, from, to));
  const last = useRef<LogEvent[]>(undefined);
  const current = useMemo(() => (read.data === undefined ? undefined : unique(read.data.pages.flat())), [read.data]);
  if (current !== undefined) last.current = current;
  return { ...read, events: current ?? last.current, isOld: current === undefined && last.current !== undefined };
}

export type LiveState = 'connecting' | 'live' | 'lost' | 'off';

const BATCH_MS = 500;
const MOST = 2_000;

/** What happens from now on, newest first, in batches; nothing while it is off. `since` is the newest event known. */
export function useLive(q: string, isOn: boolean, since: string | undefined): { arrived: LogEvent[]; state: LiveState } {
  const [arrived, setArrived] = useState<LogEvent[]>([]);
  const [state, setState] = useState<LiveState>('off');
  const start = useRef(since);
  start.current = arrived[0]?.log_id ?? since;
  useEffect(() => setArrived([]), [q]);
  useEffect(() => {
    if (!isOn) return setState('off');
    const stop = new AbortController();
    let waiting: LogEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      const batch = waiting.reverse();
      waiting = [];
      setArrived((before) => unique([...batch, ...before]).slice(0, MOST));
    };
    const take = (event: LogEvent) => {
      waiting.push(event);
      timer ??= setTimeout(flush, BATCH_MS);
    };
    void tailLogs({ q, ...(start.current !== undefined && { from: start.current }) }, stop.signal, take, setState);
    return () => {
      stop.abort();
      clearTimeout(timer);
      if (waiting.length > 0) flush();
    };
  }, [q, isOn]);
  return { arrived, state };
}

// The tenant's log (`/api/v2/logs`), its live tail and its numbers (`/api/x/logs`).
import { queryOptions } from '@tanstack/react-query';
import { get, send } from './http';

export type LogEvent = {
  log_id: string;
  date: string;
  type: string;
  description?: string;
  client_id?: string;
  client_name?: string;
  connection?: string;
  ip?: string;
  user_agent?: string;
  user_id?: string;
  user_name?: string;
  hostname?: string;
  audience?: string;
  scope?: string;
  details?: Record<string, unknown>;
  [more: string]: unknown;
};

export type LogStats = {
  from: string;
  to: string;
  interval_ms: number;
  buckets: { start: string; success: number; warning: number; error: number }[];
  totals: { success: number; warning: number; error: number };
};

/** The newest events that a query finds; the server pages through the first thousand only. */
export const logsQuery = (q: string, page = 0, perPage = 100) =>
  queryOptions({
    queryKey: ['logs', q, page, perPage],
    queryFn: ({ signal }) => get<LogEvent[]>('/api/v2/logs', { q, page, per_page: perPage, sort: 'date:-1' }, signal),
  });

export const logQuery = (id: string) =>
  queryOptions({
    queryKey: ['logs', 'one', id],
    queryFn: ({ signal }) => get<LogEvent>(`/api/v2/logs/${encodeURIComponent(id)}`, undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const logStatsQuery = (of: { q?: string; from: string; to: string; buckets?: number }) =>
  queryOptions({
    queryKey: ['logs', 'stats', of.q ?? '', of.from, of.to, of.buckets ?? 60],
    queryFn: ({ signal }) => get<LogStats>('/api/x/logs/stats', { ...of }, signal),
  });

/**
 * Calls back for each event as it happens, until the signal aborts. Starts again by itself from the last event seen;
 * `state` says how it goes.
 */
export async function tailLogs(
  of: { q?: string; from?: string },
  signal: AbortSignal,
  onEvent: (event: LogEvent) => void,
  onState: (state: 'connecting' | 'live' | 'lost') => void = () => {},
): Promise<void> {
  let from = of.from;
  let wait = 1_000;
  while (!signal.aborted) {
    try {
      onState('connecting');
      const answer = await send('GET', '/api/x/logs/stream', { query: { q: of.q, from }, signal });
      onState('live');
      wait = 1_000;
      for await (const { id, data } of messages(answer)) {
        from = id ?? from;
        if (data !== '') onEvent(JSON.parse(data));
      }
    } catch {
      // Whatever broke it, it is tried again below.
    }
    if (signal.aborted) return;
    onState('lost');
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 2, 15_000);
  }
}

/** The messages of a stream of server-sent events. */
async function* messages(answer: Response): AsyncGenerator<{ id?: string; data: string }> {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffer += value.replace(/\r\n?/g, '\n');
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const block = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      const field = (name: string) =>
        block.split('\n').filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ''));
      const [id] = field('id');
      yield { ...(id !== undefined && { id }), data: field('data').join('\n') };
    }
  }
}

// Log streams (`/api/v2/log-streams`) and how they fare (`/api/x/log-streams`).
import { queryOptions } from '@tanstack/react-query';
import { KEPT } from '../lib/secrets';
import { get, patch, post, read, remove, type Versioned } from './http';
import { gone, queryClient, stale } from './query';

export type StreamKind = 'http' | 'datadog' | 'splunk' | 'sumo' | 'segment' | 'mixpanel' | 'eventbridge' | 'eventgrid';
export type StreamStatus = 'active' | 'paused' | 'suspended';
export type CustomHeader = { header: string; value: string };
export type Sink = { httpCustomHeaders?: CustomHeader[]; [member: string]: unknown };
export type PiiField = 'first_name' | 'last_name' | 'username' | 'email' | 'phone' | 'address';
export type Pii = { log_fields: PiiField[]; method?: 'mask' | 'hash'; algorithm?: 'xxhash' };

export type LogStream = {
  id: string;
  name?: string;
  type: StreamKind;
  status: StreamStatus;
  sink: Sink;
  filters?: { type: 'category'; name: string }[];
  isPriority?: boolean;
  pii_config?: Pii | null;
};

/** What lets the server in at a service. Nothing of it is kept here. */
const SECRETS = ['httpAuthorization', 'datadogApiKey', 'splunkToken', 'sumoSourceAddress', 'segmentWriteKey', 'mixpanelServiceAccountPassword'];

function veiled<T extends LogStream>(stream: T): T {
  const hidden = SECRETS.filter((name) => name in stream.sink).map((name) => [name, KEPT]);
  const headers = stream.sink.httpCustomHeaders?.map(({ header }) => ({ header, value: KEPT }));
  return { ...stream, sink: { ...stream.sink, ...Object.fromEntries(hidden), ...(headers && { httpCustomHeaders: headers }) } };
}

/** The sink as it is to be stored: what was not typed anew stays as it is. */
function unveiled(sink: Sink, stored: Sink): Sink {
  const kept = SECRETS.filter((name) => sink[name] === KEPT).map((name) => [name, stored[name]]);
  const valueOf = (header: string) => stored.httpCustomHeaders?.find((one) => one.header === header)?.value ?? '';
  const headers = sink.httpCustomHeaders?.map(({ header, value }) => ({ header: header.trim(), value: value === KEPT ? valueOf(header.trim()) : value }));
  const whole = { ...sink, ...Object.fromEntries(kept), ...(headers && { httpCustomHeaders: headers }) };
  // What is named by the server is not told to it.
  const { awsPartnerEventSource: _, azurePartnerTopic: __, ...given } = whole as Sink & Record<string, unknown>;
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== ''));
}

export const pathOf = (id: string) => `/api/v2/log-streams/${encodeURIComponent(id)}`;

export const logStreamsQuery = () =>
  queryOptions({ queryKey: ['log-streams', 'all'], queryFn: async ({ signal }) => (await get<LogStream[]>('/api/v2/log-streams', undefined, signal)).map(veiled) });

const whole = (id: string, signal?: AbortSignal) => read<LogStream>(pathOf(id), undefined, signal);

export const logStreamQuery = (id: string) =>
  queryOptions({
    queryKey: ['log-streams', 'one', id],
    queryFn: async ({ signal }) => {
      const { value, etag } = await whole(id, signal);
      return { value: veiled(value), etag };
    },
  });

/** One of the texts that let the server in; read when it is asked for. */
export const secretOf = async (id: string, name: string): Promise<string> => String((await whole(id)).value.sink[name] ?? '');

export async function createLogStream(body: Omit<LogStream, 'id' | 'status'> & { startFrom?: string }): Promise<LogStream> {
  const stream = await post<LogStream>('/api/v2/log-streams', body);
  void stale('log-streams');
  return stream;
}

export async function updateLogStream(id: string, body: Record<string, unknown>, etag: string | null): Promise<Versioned<LogStream>> {
  const sink = body['sink'] as Sink | undefined;
  const sent = sink === undefined ? body : { ...body, sink: unveiled(sink, (await whole(id)).value.sink) };
  const { value, etag: next } = await patch<LogStream>(pathOf(id), sent, { etag });
  const saved = { value: veiled(value), etag: next };
  queryClient.setQueryData(logStreamQuery(id).queryKey, saved);
  void stale('log-streams', 'history');
  return saved;
}

export const setStatus = (id: string, status: StreamStatus): Promise<unknown> => updateLogStream(id, { status }, null);

export async function deleteLogStream(id: string): Promise<void> {
  await remove(pathOf(id));
  void gone(id, 'log-streams');
}

export type StreamHealth = {
  id: string;
  status: StreamStatus;
  is_delivered: boolean;
  delivered: number;
  last_success_at: string | null;
  failing_since: string | null;
  waiting: number;
  oldest_waiting_at: string | null;
  problems: { date: string | null; problem: string }[];
};

/** How all of them fare, asked again and again. */
export const streamsHealthQuery = () =>
  queryOptions({
    queryKey: ['log-streams', 'health'],
    queryFn: async ({ signal }) => (await get<{ log_streams: StreamHealth[] }>('/api/x/log-streams/health', undefined, signal)).log_streams,
    refetchInterval: 3_000,
  });

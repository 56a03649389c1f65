// Imports and exports of people (`/api/v2/jobs`).
import { queryOptions } from '@tanstack/react-query';
import { get, post, send, urlOf } from './http';

export type Job = {
  id: string;
  type: 'users_import' | 'users_export';
  status: 'pending' | 'processing' | 'completed' | 'failed';
  created_at: string;
  percentage_done?: number;
  time_left_seconds?: number;
  summary?: { total: number; inserted: number; updated: number; failed: number };
  status_details?: string;
  location?: string;
};

export type ImportError = { user: Record<string, unknown>; errors: { code: string; message: string; path?: string }[] };

export const hasEnded = (job: Job | undefined): boolean => job?.status === 'completed' || job?.status === 'failed';

/** How far a job is, asked again and again until it has ended. */
export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ['jobs', id],
    queryFn: ({ signal }) => get<Job>(`/api/v2/jobs/${encodeURIComponent(id)}`, undefined, signal),
    refetchInterval: ({ state }) => (hasEnded(state.data) ? false : 1000),
    // Each time an export is asked for it comes with another link.
    refetchOnWindowFocus: false,
    enabled: id !== '',
  });

export const jobErrorsQuery = (id: string) =>
  queryOptions({
    queryKey: ['jobs', id, 'errors'],
    queryFn: async ({ signal }) => {
      const found = await get<ImportError[] | undefined>(`/api/v2/jobs/${encodeURIComponent(id)}/errors`, undefined, signal);
      return Array.isArray(found) ? found : [];
    },
  });

export async function importUsers(users: File, of: { connection_id: string; upsert: boolean; send_completion_email: boolean }): Promise<Job> {
  const form = new FormData();
  form.set('users', users);
  for (const [name, value] of Object.entries(of)) form.set(name, String(value));
  return (await send('POST', '/api/v2/jobs/users-imports', { form })).json() as Promise<Job>;
}

export type ExportFormat = 'json' | 'csv';

export const exportUsers = (of: { connection_id?: string; format: ExportFormat; limit?: number; fields?: { name: string; export_as?: string }[] }): Promise<Job> => post('/api/v2/jobs/users-exports', of);

/** Where the file lies, as this page reaches the server. A link is good for a minute, so it is asked for when it is followed. */
export async function downloadOf(id: string): Promise<string | undefined> {
  const { location } = await get<Job>(`/api/v2/jobs/${encodeURIComponent(id)}`);
  const at = location?.indexOf('/api/x/exports/') ?? -1;
  return location === undefined || at < 0 ? undefined : urlOf(location.slice(at));
}

// Anything by a part of its name or by its identifier (`/api/x/search`).
import { queryOptions } from '@tanstack/react-query';
import { get } from './http';

export type SearchResult = { kind: string; id: string; name: string; detail?: string; exact: boolean };

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ['search', q],
    queryFn: async ({ signal }) => (await get<{ results: SearchResult[] }>('/api/x/search', { q }, signal)).results,
    enabled: q !== '',
    retry: false,
  });

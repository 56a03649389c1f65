// The cache of what was read. Pages name what they need with the query options beside each resource.
import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './http';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A server on this machine answers without a network.
      networkMode: 'always',
      staleTime: 10_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: true,
      retry: (times, error) => times < 2 && !(error instanceof ApiError && error.statusCode < 500),
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

/** Says that everything under these keys may have changed. */
export const stale = (...keys: string[]): Promise<unknown> =>
  Promise.all(keys.map((key) => queryClient.invalidateQueries({ queryKey: [key] })));

/** The same when one of them is gone: a page that shows it on its way out does not ask for it again. */
export const gone = (key: string, id: string): Promise<unknown> =>
  Promise.all([
    queryClient.invalidateQueries({ queryKey: [key, 'one', id], refetchType: 'none' }),
    queryClient.invalidateQueries({ queryKey: [key], predicate: ({ queryKey }) => !(queryKey[1] === 'one' && queryKey[2] === id) }),
  ]);

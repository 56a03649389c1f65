// The cache of what was read. Pages name what they need with the query options beside each resource.
import { QueryClient, type Query } from '@tanstack/react-query';
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

/** The same when the object with this id is gone: a page or a question that is on its way out does not ask for it again. */
export const gone = (id: string, ...keys: string[]): Promise<unknown> => {
  const isAboutIt = ({ queryKey }: Query) => queryKey.includes(id);
  return Promise.all(keys.flatMap((key) => [
    queryClient.invalidateQueries({ queryKey: [key], predicate: isAboutIt, refetchType: 'none' }),
    queryClient.invalidateQueries({ queryKey: [key], predicate: (query) => !isAboutIt(query) }),
  ]));
};

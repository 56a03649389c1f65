// What stands in the address after the question mark: filters, sorting, open drawers.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export type Search = Record<string, string | undefined>;

/** One parameter of the address and how to change it; an empty text takes it away. */
export function useSearchParam(name: string, otherwise = ''): [string, (value: string) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const set = useCallback(
    (value: string) =>
      void navigate({
        to: '.',
        search: (before: Search) => ({ ...before, [name]: value === '' || value === otherwise ? undefined : value }),
        replace: true,
        resetScroll: false,
      } as never),
    [navigate, name, otherwise],
  );
  return [search[name] ?? otherwise, set];
}

/** All of them, and how to change several at once; `push` leaves the present state in the history. */
export function useSearchParams(): [Search, (changes: Search, how?: { push?: boolean }) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const set = useCallback(
    (changes: Search, how: { push?: boolean } = {}) =>
      void navigate({
        to: '.',
        search: (before: Search) => Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== undefined && value !== '')),
        replace: how.push !== true,
        resetScroll: false,
      } as never),
    [navigate],
  );
  return [search, set];
}

// The nodes that serve this installation (`/api/x/nodes`).
import { queryOptions } from '@tanstack/react-query';
import { get } from './http';

export type Node = {
  id: string;
  name: string;
  address: string;
  version: string;
  started_at: string;
  seen_at: string;
  state: 'serving' | 'stopping' | 'behind' | 'silent';
  behind: number;
};

export const nodesQuery = () =>
  queryOptions({
    queryKey: ['nodes'],
    queryFn: ({ signal }) => get<{ store: 'sqlite' | 'postgres'; nodes: Node[] }>('/api/x/nodes', undefined, signal),
    refetchInterval: 5_000,
  });

// Attack protection (`/api/v2/attack-protection`), and whom it keeps out now (`/api/x/blocks`).
import { queryOptions } from '@tanstack/react-query';
import { get, patch, read, remove, type Versioned } from './http';
import { queryClient, stale } from './query';

export type Protections = {
  'brute-force-protection': {
    enabled?: boolean;
    shields?: string[];
    allowlist?: string[];
    mode?: 'count_per_identifier_and_ip' | 'count_per_identifier';
    max_attempts?: number;
  };
  'suspicious-ip-throttling': {
    enabled?: boolean;
    shields?: string[];
    allowlist?: string[];
    stage?: Record<string, { max_attempts?: number; rate?: number }>;
  };
  'breached-password-detection': { enabled?: boolean; shields?: string[]; method?: string; [more: string]: unknown };
  'bot-detection': { bot_detection_level?: string; allowlist?: string[]; [more: string]: unknown };
};

export type ProtectionName = keyof Protections;

const pathOf = (name: ProtectionName) => `/api/v2/attack-protection/${name}`;

export const protectionQuery = <Name extends ProtectionName>(name: Name) =>
  queryOptions({
    queryKey: ['protection', name],
    queryFn: ({ signal }) => read<Protections[Name]>(pathOf(name), undefined, signal),
  });

export async function updateProtection<Name extends ProtectionName>(name: Name, body: unknown, etag: string | null): Promise<Versioned<Protections[Name]>> {
  const saved = await patch<Protections[Name]>(pathOf(name), body, { etag });
  queryClient.setQueryData(protectionQuery(name).queryKey, saved as never);
  return saved;
}

export type Block = {
  id: string;
  kind: 'client_and_network' | 'client_and_address' | 'client' | 'network' | 'login';
  subject: { client_id?: string; network?: string; identifier?: string };
  since: string;
  until: string;
  attempts: number;
};

export const blocksQuery = () =>
  queryOptions({
    queryKey: ['blocks'],
    queryFn: async ({ signal }) => (await get<{ blocks: Block[] }>('/api/x/blocks', undefined, signal)).blocks,
    refetchInterval: 15_000,
  });

export async function unblock(id: string): Promise<void> {
  await remove(`/api/x/blocks/${encodeURIComponent(id)}`);
  void stale('blocks');
}

// Whether anybody tampered with the log (`/api/x/audit`).
import { queryOptions } from '@tanstack/react-query';
import { get, post } from './http';
import { stale } from './query';

export type Checkpoint = { part: number; log_id: string; seal: string; signed_at: string; checkpoint: string };

export type AuditState = {
  log_seals: boolean;
  retention_days: number | null;
  sealed: { part: number; log_id: string; date: string; since: string; waiting: number } | null;
  checkpoint: Checkpoint | null;
};

export type Finding =
  | { kind: 'removed' | 'altered' | 'added'; log_id: string }
  | { kind: 'moved'; log_id: string; behind: string | null }
  | { kind: 'missing_parts'; from: number; to: number }
  | { kind: 'unknown_key'; part: number; key: string }
  | { kind: 'checkpoint'; part: number | null; reason: 'unsigned' | 'contradicts' | 'seals_gone' };

export type Verification = {
  id: string;
  status: 'pending' | 'processing' | 'completed' | 'failed';
  created_at: string;
  from: string | null;
  checkpoints: number;
  percentage_done?: number;
  problem?: string;
  report?: {
    sealed: number;
    unsealed: number;
    expired: number;
    checkpoints: number;
    expired_checkpoints: number;
    first: string | null;
    last: string | null;
    findings_count: number;
    findings: Finding[];
  };
};

export const auditQuery = () => queryOptions({ queryKey: ['audit', 'state'], queryFn: ({ signal }) => get<AuditState>('/api/x/audit', undefined, signal), refetchInterval: 5_000 });

export const checkpointsQuery = () =>
  queryOptions({ queryKey: ['audit', 'checkpoints'], queryFn: async ({ signal }) => (await get<{ checkpoints: Checkpoint[] }>('/api/x/audit/checkpoints', { take: 10 }, signal)).checkpoints });

export const isOver = ({ status }: Verification): boolean => status === 'completed' || status === 'failed';

/** The verifications of the last day, without what they found; asked again while one goes on. */
export const verificationsQuery = () =>
  queryOptions({
    queryKey: ['audit', 'verifications'],
    queryFn: async ({ signal }) => (await get<{ verifications: Verification[] }>('/api/x/audit/verifications', undefined, signal)).verifications,
    refetchInterval: ({ state }) => (state.data === undefined || state.data.every(isOver) ? false : 1_000),
  });

/** One of them with what it found, once it has ended. */
export const verificationQuery = (id: string) =>
  queryOptions({
    queryKey: ['audit', 'verification', id],
    queryFn: ({ signal }) => get<Verification>(`/api/x/audit/verifications/${encodeURIComponent(id)}`, undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

export async function verifyLog(of: { from?: string; checkpoints?: string[] }): Promise<Verification> {
  const verification = await post<Verification>('/api/x/audit/verifications', of);
  await stale('audit');
  return verification;
}

import { useQuery } from '@tanstack/react-query';
import { lastUsedQuery } from '../../api/extras';

/** How many tokens the application got in the last 24 hours, asked only when it matters. */
export function useIssued(clientId: string, isWanted: boolean): number | undefined {
  const used = useQuery({ ...lastUsedQuery([clientId]), enabled: isWanted, retry: false });
  return used.data?.[clientId]?.issued_24h;
}

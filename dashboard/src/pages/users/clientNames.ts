import { useQuery } from '@tanstack/react-query';
import { clientsAmong } from '../../api/clients';
import { can } from '../../auth/me';

/** What applications are called; to those who may not see them, by their identifiers. */
export function useClientNames(ids: (string | undefined)[]): (id: string) => string {
  const all = [...new Set(ids)].filter((id) => id !== undefined).sort();
  const clients = useQuery({ ...clientsAmong(all), enabled: all.length > 0 && can('read:clients') });
  return (id) => clients.data?.find(({ client_id }) => client_id === id)?.name ?? id;
}

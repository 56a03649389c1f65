import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { clientQuery, type Client } from '../../api/clients';
import type { Versioned } from '../../api/http';

/** The application of the page, which its frame has read already. */
export function useApplication(): { client: Client; read: Versioned<Client> } {
  const { clientId } = useParams({ from: '/applications/$clientId' });
  const { data } = useSuspenseQuery(clientQuery(clientId));
  return { client: data.value, read: data };
}

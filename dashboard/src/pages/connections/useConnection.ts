import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { connectionQuery, type Connection } from '../../api/connections';
import type { Versioned } from '../../api/http';

/** The connection of the page, which its frame has read already. */
export function useConnection(): { connection: Connection; read: Versioned<Connection> } {
  const { id } = useParams({ from: '/connections/$id' });
  const { data } = useSuspenseQuery(connectionQuery(id));
  return { connection: data.value, read: data };
}

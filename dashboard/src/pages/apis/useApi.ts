import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Versioned } from '../../api/http';
import { resourceServerQuery, type ResourceServer } from '../../api/resourceServers';

/** The API that the address names, once it is read; the frame around the tabs shows what goes wrong. */
export function useApi(): Versioned<ResourceServer> | undefined {
  const { id } = useParams({ from: '/apis/$id' });
  return useQuery(resourceServerQuery(id)).data;
}

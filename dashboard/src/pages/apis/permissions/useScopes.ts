import { useQueryClient } from '@tanstack/react-query';
import { Conflict, type Versioned } from '../../../api/http';
import { resourceServerQuery, updateResourceServer, type ResourceServer, type Scope } from '../../../api/resourceServers';

/** Saves a change of the permissions; when somebody else saved meanwhile, the same change is made to theirs. */
export function useScopes(read: Versioned<ResourceServer>) {
  const queries = useQueryClient();
  const { id } = read.value;
  return async (change: (scopes: Scope[]) => Scope[]): Promise<void> => {
    const put = (on: Versioned<ResourceServer>) => updateResourceServer(id, { scopes: change(on.value.scopes ?? []) }, on.etag);
    const query = resourceServerQuery(id);
    try {
      await put(queries.getQueryData(query.queryKey) ?? read);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      await put(await queries.fetchQuery({ ...query, staleTime: 0 }));
    }
  };
}

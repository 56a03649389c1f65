import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Versioned } from '../../api/http';
import { roleQuery, type Role } from '../../api/userRoles';

/** The role of the page, which its frame has read already. */
export function useRole(): { role: Role; read: Versioned<Role> } {
  const { roleId } = useParams({ from: '/roles/$roleId' });
  const { data } = useSuspenseQuery(roleQuery(roleId));
  return { role: data.value, read: data };
}

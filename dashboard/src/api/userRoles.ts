// Roles (`/api/v2/roles`), who has them, and what they and people are permitted to do.
import { queryOptions } from '@tanstack/react-query';
import { get, patch, post, read, request, type Versioned } from './http';
import { gone, queryClient, stale } from './query';
import { pathOf as pathOfUser, type User } from './users';
import { whole } from './whole';

export type Role = { id: string; name: string; description?: string | null; type?: string; owner_id?: string };

export type Permission = { permission_name: string; resource_server_identifier: string };
export type Permitted = Permission & {
  description?: string;
  resource_server_name?: string;
  sources?: { source_id: string; source_name: string; source_type: 'DIRECT' | 'ROLE' }[];
};

export const pathOf = (id: string) => `/api/v2/roles/${encodeURIComponent(id)}`;

export const rolesQuery = () => queryOptions({ queryKey: ['roles', 'all'], queryFn: ({ signal }) => whole<Role>('/api/v2/roles', 'roles', signal) });

export const roleQuery = (id: string) => queryOptions({ queryKey: ['roles', 'one', id], queryFn: ({ signal }) => read<Role>(pathOf(id), undefined, signal) });

export async function createRole(body: { name: string; description?: string }): Promise<Role> {
  const role = await post<Role>('/api/v2/roles', body);
  void stale('roles');
  return role;
}

export async function updateRole(id: string, body: unknown, etag: string | null): Promise<Versioned<Role>> {
  const saved = await patch<Role>(pathOf(id), body, { etag });
  queryClient.setQueryData(roleQuery(id).queryKey, saved);
  void stale('roles', 'history');
  return saved;
}

export async function deleteRole(id: string): Promise<void> {
  await request('DELETE', pathOf(id));
  void gone(id, 'roles', 'user-roles', 'permissions');
}

export type MemberPage = { users: User[]; total: number; start: number; limit: number };

export const membersPage = (id: string, page: number, perPage: number) =>
  queryOptions({
    queryKey: ['user-roles', 'members', id, page, perPage],
    queryFn: ({ signal }) => get<MemberPage>(`${pathOf(id)}/users`, { page, per_page: perPage, include_totals: true }, signal),
  });

export const rolesOfUser = (id: string) =>
  queryOptions({ queryKey: ['user-roles', 'of', id], queryFn: ({ signal }) => whole<Role>(`${pathOfUser(id)}/roles`, 'roles', signal) });

const changed = () => void stale('user-roles', 'permissions');

export async function addMembers(roleId: string, users: string[]): Promise<void> {
  await post(`${pathOf(roleId)}/users`, { users });
  changed();
}

export async function assignRoles(userId: string, roles: string[]): Promise<void> {
  await post(`${pathOfUser(userId)}/roles`, { roles });
  changed();
}

export async function removeRoles(userId: string, roles: string[]): Promise<void> {
  await request('DELETE', `${pathOfUser(userId)}/roles`, { body: { roles } });
  changed();
}

/** Whose permissions are meant. */
export type Holder = { kind: 'roles' | 'users'; id: string };

const permissionsOf = ({ kind, id }: Holder) => `${kind === 'roles' ? pathOf(id) : pathOfUser(id)}/permissions`;

export const permissionsQuery = (holder: Holder) =>
  queryOptions({ queryKey: ['permissions', holder.kind, holder.id], queryFn: ({ signal }) => whole<Permitted>(permissionsOf(holder), 'permissions', signal) });

export async function addPermissions(holder: Holder, permissions: Permission[]): Promise<void> {
  await post(permissionsOf(holder), { permissions });
  void stale('permissions');
}

export async function removePermissions(holder: Holder, permissions: Permission[]): Promise<void> {
  await request('DELETE', permissionsOf(holder), { body: { permissions } });
  void stale('permissions');
}

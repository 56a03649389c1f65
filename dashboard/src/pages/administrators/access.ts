// What an administrator may do and where, as people choose it: one of four levels, and for editors their areas.
import type { Role } from '../../auth/me';
import { administrators as text } from '../../text/administrators';

export type Level = 'admin' | 'editor' | 'viewer' | 'viewer_users';
export type Area = 'editor_applications' | 'editor_apis' | 'editor_tenant' | 'editor_users' | 'editor_connections';
export const AREAS: Area[] = ['editor_applications', 'editor_apis', 'editor_tenant', 'editor_users', 'editor_connections'];

export type Access = { level: Level; areas: Area[]; isEverywhere: boolean; tenants: string[] };

export const NEW: Access = { level: 'viewer', areas: [], isEverywhere: true, tenants: [] };

export function accessOf({ roles, tenants }: { roles: Role[]; tenants?: string[] | null }): Access {
  const areas = AREAS.filter((area) => roles.includes(area));
  const viewer = roles.includes('viewer_users') && !roles.includes('viewer') ? 'viewer_users' : 'viewer';
  const level = roles.includes('admin') ? 'admin' : areas.length > 0 ? 'editor' : viewer;
  return { level, areas, isEverywhere: tenants === null || tenants === undefined, tenants: tenants ?? [] };
}

export const rolesOf = ({ level, areas }: Access): Role[] => (level === 'editor' ? AREAS.filter((area) => areas.includes(area)) : [level]);
export const tenantsOf = ({ isEverywhere, tenants }: Access): string[] | null => (isEverywhere ? null : tenants);

export const faultsOf = (access: Access) => ({
  areas: access.level === 'editor' && access.areas.length === 0 ? text.form.areasMissing : undefined,
  tenants: !access.isEverywhere && access.tenants.length === 0 ? text.form.tenantsMissing : undefined,
});

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export const emailFault = (email: string): string | undefined =>
  email.trim() === '' ? text.form.emailMissing : EMAIL.test(email.trim()) ? undefined : text.form.emailInvalid;

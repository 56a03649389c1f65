// What the person signed in may do. The server is who refuses; this only keeps buttons away that would be refused.
import { config } from '../api/config';
import { get } from '../api/http';

export type Role =
  | 'admin'
  | 'editor_applications'
  | 'editor_apis'
  | 'editor_tenant'
  | 'editor_users'
  | 'editor_connections'
  | 'viewer'
  | 'viewer_users';

export type Me = {
  user_id: string;
  email: string;
  name: string;
  roles: Role[];
  scopes: string[];
  /** Unix seconds of the last time the password was asked for. */
  auth_time: number;
};

let current: Me = { user_id: '', email: '', name: '', roles: [], scopes: [], auth_time: 0 };
let held = new Set<string>();

export const me = (): Me => current;

/** Whether the person may do what needs this Management API scope. */
export const can = (scope: string): boolean => held.has(scope);

export const isAdmin = (): boolean => current.roles.includes('admin');

/** Asks the server, before the first page is drawn. */
export async function loadMe(): Promise<void> {
  const found = await get<{ [Field in keyof Me]?: Me[Field] | null }>('/api/x/me');
  // A token of one's own stands for no person.
  const roles = found.roles ?? (config.devToken === undefined ? [] : ['admin' as const]);
  current = { user_id: found.user_id ?? '', email: found.email ?? '', name: found.name ?? '', roles, scopes: found.scopes ?? [], auth_time: found.auth_time ?? 0 };
  held = new Set(current.scopes);
}

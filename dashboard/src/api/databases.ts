// The connections that people come by, as far as pages about people need them.
import { queryOptions } from '@tanstack/react-query';
import { can } from '../auth/me';
import { get } from './http';

export type UserConnection = {
  id: string;
  name: string;
  display_name?: string;
  strategy: string;
  enabled_clients?: string[];
  options?: { requires_username?: boolean; attributes?: Record<string, { identifier?: { active?: boolean }; signup?: { status?: string } }>; [more: string]: unknown };
};

export const isDatabase = ({ strategy }: UserConnection): boolean => strategy === 'auth0';

/** The first hundred; those who may not read connections know of none. */
export const userConnectionsQuery = () =>
  queryOptions({
    queryKey: ['connections', 'of-people'],
    queryFn: ({ signal }) => get<UserConnection[]>('/api/v2/connections', { fields: 'id,name,display_name,strategy,options,enabled_clients', include_fields: true, per_page: 100 }, signal),
    enabled: can('read:connections'),
  });

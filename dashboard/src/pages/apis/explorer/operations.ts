// Reads that people look for first. Anything else can be typed.
import { config } from '../../../api/config';

export type Operation = { label: string; path: string };

const id = encodeURIComponent(config.tenant.audience);

export const OPERATIONS: Record<string, Operation[]> = {
  applications: [
    { label: 'GET /clients', path: '/api/v2/clients?per_page=10&include_totals=true&fields=client_id,name,app_type,grant_types&include_fields=true' },
    { label: 'GET /clients/search', path: '/api/v2/clients/search?q=name%3A*&take=10&fields=client_id,name&include_fields=true' },
    { label: 'GET /client-grants', path: '/api/v2/client-grants?take=10' },
  ],
  apis: [
    { label: 'GET /resource-servers', path: '/api/v2/resource-servers?per_page=10&include_totals=true&fields=id,name,identifier,token_lifetime&include_fields=true' },
    { label: 'GET /resource-servers/{id}', path: `/api/v2/resource-servers/${id}?fields=id,name,identifier,token_lifetime,signing_alg&include_fields=true` },
  ],
  tenant: [
    { label: 'GET /tenants/settings', path: '/api/v2/tenants/settings' },
    { label: 'GET /keys/signing', path: '/api/v2/keys/signing' },
    { label: 'GET /organizations', path: '/api/v2/organizations?take=10' },
  ],
  monitor: [
    { label: 'GET /logs', path: '/api/v2/logs?per_page=10' },
    { label: 'GET /logs?q=type:feccft', path: '/api/v2/logs?q=type%3Afeccft&per_page=10' },
    { label: 'GET /stats/tokens', path: '/api/x/stats/tokens?group_by=client' },
    { label: 'GET /stats/latency', path: '/api/x/stats/latency' },
  ],
  yourself: [
    { label: 'GET /me', path: '/api/x/me' },
    { label: 'GET /tenants', path: '/api/x/tenants' },
  ],
};

export const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** What keeps a path from being called, if anything. */
export const isApiPath = (path: string): boolean => /^\/api\/(v2|x)\/\S+$/.test(path) && !path.split('?')[0]!.split('/').includes('..');

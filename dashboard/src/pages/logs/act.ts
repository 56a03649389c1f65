// What an event of the Management API tells: who did what to which object.
import type { LogEvent } from '../../api/logs';

type Request = { method?: string; path?: string; body?: Record<string, unknown>; auth?: { user?: { name?: string; email?: string; user_id?: string } } };
type Details = { request?: Request; response?: { statusCode?: number; body?: Record<string, unknown> }; accessedSecrets?: string[] };

export type Act = {
  method: string;
  path: string;
  status: number | undefined;
  actor: string | undefined;
  /** What was read that is secret. */
  secrets: string[];
  /** The object's own name, as far as the event tells it. */
  name: string | undefined;
  /** Where the object is looked at, if it has a page. */
  to: string | undefined;
  /** The fields that were sent. */
  fields: string[];
};

export function asAct(event: LogEvent): Act | undefined {
  const { request, response, accessedSecrets } = (event.details ?? {}) as Details;
  if (request?.path === undefined || request.method === undefined) return undefined;
  const body = response?.body ?? {};
  const person = request.auth?.user;
  return {
    method: request.method.toUpperCase(),
    path: request.path,
    status: response?.statusCode,
    actor: event.user_name || person?.name || person?.email || undefined,
    secrets: accessedSecrets ?? [],
    name: firstText(body['name'], body['audience'], request.body?.['name']),
    to: request.method.toUpperCase() === 'DELETE' ? undefined : placeOf(request.path, body),
    fields: Object.keys(request.body ?? {}),
  };
}

const firstText = (...values: unknown[]) => values.find((value): value is string => typeof value === 'string' && value !== '');

function placeOf(path: string, body: Record<string, unknown>): string | undefined {
  const [kind, id] = path.replace(/^.*\/api\/(v2|x)\//, '').split('/');
  const part = (value: unknown) => (typeof value === 'string' && value !== '' ? encodeURIComponent(value) : undefined);
  const known = id === undefined || id === '' ? undefined : id;
  const client = known ?? part(body['client_id']);
  const api = known ?? part(body['id']);
  switch (kind) {
    case 'clients': return client && `/applications/${client}/settings`;
    case 'resource-servers': return api && `/apis/${api}/settings`;
    case 'client-grants': return part(body['client_id']) && `/applications/${part(body['client_id'])}/apis`;
    case 'tenants': return path.endsWith('/settings') ? '/tenant/general' : '/tenants';
    case 'keys': return '/tenant/signing-keys';
    case 'administrators': return '/administrators';
    default: return undefined;
  }
}

// Customers' code: actions with their versions, the order in which a trigger runs them, and hooks.
import { queryOptions } from '@tanstack/react-query';
import { get, patch, post, read, remove, send, type Versioned } from './http';
import { gone, stale } from './query';

export type SupportedTrigger = { id: string; version: string };
export type ActionSecret = { name: string; updated_at?: string };

export type ActionVersion = {
  id: string;
  number: number;
  code: string;
  runtime: string;
  deployed: boolean;
  secrets: ActionSecret[];
  created_at: string;
  built_at?: string;
};

export type Action = {
  id: string;
  name: string;
  supported_triggers: SupportedTrigger[];
  code: string;
  runtime: string;
  status: string;
  secrets: ActionSecret[];
  dependencies: { name: string; version?: string }[];
  all_changes_deployed: boolean;
  deployed_version?: ActionVersion;
  created_at: string;
  updated_at: string;
};

export type Trigger = { id: string; version: string; status: string; binding_policy: string; default_runtime: string };
export type Binding = { id: string; display_name: string; action: Pick<Action, 'id' | 'name' | 'deployed_version'> };

export type Tried = {
  error?: { name: string; message: string; stack: string };
  logs?: string[];
  calls?: { name: string; arguments: unknown[] }[];
  stats?: { action_duration_ms?: number; total_request_duration_ms?: number };
};

/** What happened once at a trigger: each piece of code that ran, in its order. */
export type Execution = {
  id: string;
  trigger_id: string;
  results: { action_name: string; error?: { id: string; msg: string }; logs?: string[]; started_at: string; ended_at: string }[];
};

export type Hook = { id: string; name: string; script: string; triggerId: string; enabled: boolean };

/** The trigger of machines' tokens, with which people begin here. */
export const MACHINES = 'credentials-exchange';
/** The triggers that are run here; whatever else is bound is stored. */
export const RUN = [MACHINES, 'post-login', 'pre-user-registration', 'post-user-registration', 'post-change-password'];
export const isRun = (trigger: string): boolean => RUN.includes(trigger);

const ACTIONS = '/api/v2/actions/actions';
const HOOKS = '/api/v2/hooks';
const one = (id: string) => `${ACTIONS}/${encodeURIComponent(id)}`;

export const triggerOf = (action: Pick<Action, 'supported_triggers'>): string => action.supported_triggers[0]?.id ?? '';

export const actionsQuery = () =>
  queryOptions({
    queryKey: ['actions', 'list'],
    queryFn: async ({ signal }) => (await get<{ actions: Action[] }>(ACTIONS, { per_page: 100 }, signal)).actions,
  });

export const readAction = (id: string, signal?: AbortSignal): Promise<Versioned<Action>> => read<Action>(one(id), undefined, signal);

export const actionQuery = (id: string) =>
  queryOptions({ queryKey: ['actions', 'one', id], queryFn: ({ signal }) => readAction(id, signal) });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['actions', 'versions', id],
    queryFn: async ({ signal }) => (await get<{ versions: ActionVersion[] }>(`${one(id)}/versions`, { per_page: 100 }, signal)).versions,
  });

export const triggersQuery = () =>
  queryOptions({
    queryKey: ['triggers'],
    queryFn: async ({ signal }) => (await get<{ triggers: Trigger[] }>('/api/v2/actions/triggers', undefined, signal)).triggers,
    staleTime: Infinity,
  });

export const createAction = async (body: Partial<Action>): Promise<Action> => createdAction(await post<Action>(ACTIONS, body));

/** Lists do not have it yet. */
export function createdAction(made: Action): Action {
  void stale('actions');
  return made;
}

export async function saveAction(id: string, body: unknown, etag: string | null): Promise<Versioned<Action>> {
  const saved = await patch<Action>(one(id), body, { etag });
  await stale('actions', 'bindings');
  return saved;
}

export async function deployAction(id: string): Promise<ActionVersion> {
  const version = await post<ActionVersion>(`${one(id)}/deploy`);
  await stale('actions', 'bindings');
  return version;
}

export async function revertAction(id: string, version: string): Promise<ActionVersion> {
  const made = await post<ActionVersion>(`${one(id)}/versions/${encodeURIComponent(version)}/deploy`, { update_draft: true });
  await stale('actions', 'bindings');
  return made;
}

export async function removeAction(id: string): Promise<void> {
  await send('DELETE', one(id), { query: { force: true } });
  await gone(id, 'actions');
  void stale('bindings');
}

export const tryAction = async (id: string, event: unknown): Promise<Tried> =>
  (await post<{ payload: Tried }>(`${one(id)}/test`, { payload: { event } })).payload;

/** Remembered for a while, by the node where it was. */
export const executionQuery = (id: string) =>
  queryOptions({ queryKey: ['executions', id], queryFn: ({ signal }) => get<Execution>(`/api/v2/actions/executions/${encodeURIComponent(id)}`, undefined, signal), staleTime: Infinity });

const bindings = (trigger: string) => `/api/v2/actions/triggers/${encodeURIComponent(trigger)}/bindings`;

export const bindingsQuery = (trigger: string) =>
  queryOptions({
    queryKey: ['bindings', trigger],
    queryFn: async ({ signal }) => (await get<{ bindings: Binding[] }>(bindings(trigger), { per_page: 100 }, signal)).bindings,
  });

/** Says what runs at a trigger, in this order. */
export async function bind(trigger: string, actions: { id: string; name: string }[]): Promise<void> {
  const list = actions.map(({ id, name }) => ({ ref: { type: 'action_id', value: id }, display_name: name }));
  await patch(bindings(trigger), { bindings: list });
  await stale('bindings');
}

export const hooksQuery = () =>
  queryOptions({ queryKey: ['hooks'], queryFn: ({ signal }) => get<Hook[]>(HOOKS, { per_page: 100 }, signal) });

export async function enableHook(id: string, enabled: boolean): Promise<void> {
  await patch(`${HOOKS}/${encodeURIComponent(id)}`, { enabled });
  await stale('hooks');
}

export async function removeHook(id: string): Promise<void> {
  await remove(`${HOOKS}/${encodeURIComponent(id)}`);
  await stale('hooks');
}

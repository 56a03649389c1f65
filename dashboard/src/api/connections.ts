// Connections and who may use them (`/api/v2/connections`).
import { queryOptions } from '@tanstack/react-query';
import { can } from '../auth/me';
import { patch, post, read, remove, type Versioned } from './http';
import { gone, queryClient, stale } from './query';
import { whole, wholeByCursor } from './whole';

/** The strategy of databases of people with passwords. */
export const DATABASE = 'auth0';

export type Level = 'none' | 'low' | 'fair' | 'good' | 'excellent';
export type CharacterType = 'lowercase' | 'uppercase' | 'number' | 'special';
export type Identifier = 'email' | 'username' | 'phone_number';
export type SignupStatus = 'required' | 'optional' | 'inactive';
export type ScriptName = 'login' | 'get_user' | 'create' | 'verify' | 'change_password' | 'delete';

export type Complexity = {
  min_length?: number;
  character_types?: CharacterType[];
  character_type_rule?: 'all' | 'three_of_four';
  identical_characters?: 'allow' | 'block';
  sequential_characters?: 'allow' | 'block';
};

export type Attribute = {
  identifier?: { active?: boolean };
  profile_required?: boolean;
  signup?: { status?: SignupStatus };
  validation?: { min_length?: number; max_length?: number; allowed_types?: { email?: boolean; phone_number?: boolean } };
};

/** What is known here of a database's options; the rest is kept as it is. */
export type DatabaseOptions = {
  passwordPolicy?: Level;
  password_complexity_options?: { min_length?: number };
  password_history?: { enable: boolean; size?: number };
  password_no_personal_info?: { enable: boolean };
  password_dictionary?: { enable: boolean; dictionary?: string[] };
  password_options?: {
    complexity?: Complexity;
    history?: { active?: boolean; size?: number };
    dictionary?: { active?: boolean; custom?: string[] };
    profile_data?: { active?: boolean; blocked_fields?: string[] };
  };
  disable_signup?: boolean;
  disable_sign_in?: boolean;
  disable_self_service_change_password?: boolean;
  brute_force_protection?: boolean;
  requires_username?: boolean;
  validation?: { username?: { min?: number; max?: number } };
  attributes?: Partial<Record<Identifier, Attribute>>;
  import_mode?: boolean;
  enabledDatabaseCustomization?: boolean;
  customScripts?: Partial<Record<ScriptName, string>>;
  /** The values are never shown; what stands in their place means the same value when it is sent back. */
  configuration?: Record<string, unknown>;
  enable_script_context?: boolean;
  set_user_root_attributes?: 'on_each_login' | 'on_first_login' | 'never_on_login';
};

export type Connection = {
  id: string;
  name: string;
  strategy: string;
  display_name?: string;
  is_domain_connection?: boolean;
  authentication?: { active: boolean };
  realms?: string[];
  metadata?: Record<string, string>;
  options?: DatabaseOptions;
};

// Who may use them is asked for by itself: there can be many.
const UNLISTED = { fields: 'enabled_clients', include_fields: false };

const pathOf = (id: string) => `/api/v2/connections/${encodeURIComponent(id)}`;

/** All databases, with their options. */
export const databasesQuery = () =>
  queryOptions({
    queryKey: ['connections', 'databases'],
    queryFn: ({ signal }) => whole<Connection>('/api/v2/connections', 'connections', signal, { ...UNLISTED, strategy: DATABASE }),
  });

const ROW = { fields: 'id,name,display_name,strategy,is_domain_connection', include_fields: true };

/** Every connection there is, by what it is called: options hold whole scripts. */
export const connectionsQuery = () =>
  queryOptions({ queryKey: ['connections', 'all'], queryFn: ({ signal }) => whole<Connection>('/api/v2/connections', 'connections', signal, ROW) });

/** The same for pages about the people who come by them; those who may not read connections know of none. */
export const connectionsOfPeople = () => ({ ...connectionsQuery(), enabled: can('read:connections') });

export const isDatabase = ({ strategy }: Connection): boolean => strategy === DATABASE;

export const connectionQuery = (id: string) =>
  queryOptions({ queryKey: ['connections', 'one', id], queryFn: ({ signal }) => read<Connection>(pathOf(id), UNLISTED, signal) });

export async function createConnection(body: Partial<Connection> & { enabled_clients?: string[] }): Promise<Connection> {
  const connection = await post<Connection>('/api/v2/connections', body);
  void stale('connections');
  return connection;
}

export async function updateConnection(id: string, body: unknown, etag: string | null): Promise<Versioned<Connection>> {
  const { value, etag: next } = await patch<Connection & { enabled_clients?: string[] }>(pathOf(id), body, { etag });
  const { enabled_clients: _, ...connection } = value;
  const saved = { value: connection, etag: next };
  queryClient.setQueryData(connectionQuery(id).queryKey, saved);
  void stale('connections', 'history');
  return saved;
}

export async function deleteConnection(id: string): Promise<void> {
  await remove(pathOf(id));
  void gone(id, 'connections');
}

/** The applications that may use a connection. */
export const enabledClientsQuery = (id: string) =>
  queryOptions({
    queryKey: ['connections', 'clients', id],
    queryFn: async ({ signal }) => (await wholeByCursor<{ client_id: string }>(`${pathOf(id)}/clients`, 'clients', signal, { take: 1000 })).map(({ client_id }) => client_id),
  });

/** The connections that an application may use, domain connections among them. */
export const connectionsOfQuery = (clientId: string) =>
  queryOptions({
    queryKey: ['connections', 'of', clientId],
    queryFn: async ({ signal }) => (await wholeByCursor<{ id: string }>(`/api/v2/clients/${encodeURIComponent(clientId)}/connections`, 'connections', signal)).map(({ id }) => id),
  });

/** Lets an application use a connection, or no longer; what shows it changes at once, and goes back if it is refused. */
export async function enableFor(id: string, clientId: string, isOn: boolean): Promise<void> {
  const put = (key: readonly unknown[], one: string, isOn: boolean) =>
    queryClient.setQueryData<string[]>(key, (ids) => ids && [...ids.filter((other) => other !== one), ...(isOn ? [one] : [])]);
  const show = (isOn: boolean) => {
    put(enabledClientsQuery(id).queryKey, clientId, isOn);
    put(connectionsOfQuery(clientId).queryKey, id, isOn);
  };
  show(isOn);
  try {
    await patch(`${pathOf(id)}/clients`, [{ client_id: clientId, status: isOn }]);
  } catch (error) {
    show(!isOn);
    throw error;
  }
  void Promise.all([enabledClientsQuery(id).queryKey, connectionsOfQuery(clientId).queryKey, ['history']].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
}

export type Tried = {
  value?: unknown;
  /** One of the errors that scripts are given for what people do wrong. */
  refusal?: { name: string; about: string | null; message: string };
  /** What the script itself did wrong. */
  error?: { name: string; message: string; stack: string };
  logs: string[];
  duration_ms: number;
};

/** Runs a script of a database with made-up arguments; nothing comes of it. */
export const tryScript = (id: string, body: { script: ScriptName; code?: string; arguments: unknown[] }): Promise<Tried> =>
  post(`/api/x/connections/${encodeURIComponent(id)}/try-script`, body);

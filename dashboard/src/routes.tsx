// Every page, one line each. A page is a folder under `pages` whose component is loaded when it is first gone to.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Navigate, type AnyRoute } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { basePath } from './api/config';
import { reach } from './api/http';
import { AppShell } from './shell/AppShell';
import { Failed, Missing } from './shell/Failed';

type Load = () => Promise<{ default: ComponentType }>;

const root = createRootRoute({ component: AppShell, notFoundComponent: Missing, errorComponent: Failed });

/**
 * Loads a page's code. While the server cannot be reached it waits, under the banner that says so, with edits kept; the
 * router would load the document anew. It still does so when a newer build has put other files in place.
 */
const patient = (load: Load): Load => async () => {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      await reach.check();
      if (reach.now()) throw error;
      await reach.back();
    }
  }
};

const under = <Parent extends AnyRoute, const Path extends string>(parent: Parent, path: Path, load: Load) =>
  createRoute({ getParentRoute: () => parent, path, component: lazyRouteComponent(patient(load)) });
const page = <const Path extends string>(path: Path, load: Load) => under(root, path, load);
/** An address that only leads to another. */
const goes = <Parent extends AnyRoute, const Path extends string>(parent: Parent, path: Path, to: string) =>
  createRoute({ getParentRoute: () => parent, path, component: () => <Navigate to={to} from={parent.fullPath} replace /> });

const application = page('/applications/$clientId', () => import('./pages/applications/Application'));
const api = page('/apis/$id', () => import('./pages/apis/Api'));
const connection = page('/connections/$id', () => import('./pages/connections/Connection'));
const actions = page('/actions', () => import('./pages/actions/Actions'));
const action = page('/actions/library/$id', () => import('./pages/actions/Action'));
const user = page('/users/$userId', () => import('./pages/users/User'));
const role = page('/roles/$roleId', () => import('./pages/roles/Role'));
const logs = page('/logs', () => import('./pages/logs/Logs'));
const logStream = page('/log-streams/$id', () => import('./pages/logStreams/Stream'));
const limits = page('/limits', () => import('./pages/limits/Limits'));
const branding = page('/branding', () => import('./pages/branding/Branding'));
const emails = page('/emails', () => import('./pages/emails/Emails'));
const tenant = page('/tenant', () => import('./pages/tenant/Tenant'));

const tree = root.addChildren([
  page('/', () => import('./pages/home/Home')),
  page('/getting-started', () => import('./pages/home/GettingStarted')),
  page('/applications', () => import('./pages/applications/List')),
  application.addChildren([
    goes(application, '/', './settings'),
    under(application, 'quickstart', () => import('./pages/applications/quickstart/QuickStart')),
    under(application, 'settings', () => import('./pages/applications/settings/Settings')),
    under(application, 'credentials', () => import('./pages/applications/credentials/Credentials')),
    under(application, 'federation', () => import('./pages/applications/federation/Federation')),
    under(application, 'apis', () => import('./pages/applications/Apis')),
    under(application, 'connections', () => import('./pages/applications/Connections')),
    under(application, 'usage', () => import('./pages/applications/Usage')),
    under(application, 'logs', () => import('./pages/applications/Logs')),
    under(application, 'history', () => import('./pages/applications/History')),
  ]),
  page('/apis', () => import('./pages/apis/List')),
  api.addChildren([
    goes(api, '/', './settings'),
    under(api, 'quickstart', () => import('./pages/apis/QuickStart')),
    under(api, 'settings', () => import('./pages/apis/Settings')),
    under(api, 'permissions', () => import('./pages/apis/permissions/Permissions')),
    under(api, 'applications', () => import('./pages/apis/access/Access')),
    under(api, 'test', () => import('./pages/apis/test/Test')),
    under(api, 'explorer', () => import('./pages/apis/explorer/Explorer')),
    under(api, 'usage', () => import('./pages/apis/Usage')),
    under(api, 'history', () => import('./pages/apis/History')),
  ]),
  page('/connections', () => import('./pages/connections/List')),
  connection.addChildren([
    goes(connection, '/', './settings'),
    under(connection, 'settings', () => import('./pages/connections/settings/Settings')),
    under(connection, 'password', () => import('./pages/connections/password/Password')),
    under(connection, 'scripts', () => import('./pages/connections/scripts/Scripts')),
    under(connection, 'applications', () => import('./pages/connections/Applications')),
    under(connection, 'try', () => import('./pages/connections/Try')),
    under(connection, 'history', () => import('./pages/connections/History')),
  ]),
  actions.addChildren([
    goes(actions, '/', './library'),
    under(actions, 'library', () => import('./pages/actions/Library')),
    under(actions, 'trigger', () => import('./pages/actions/Order')),
    under(actions, 'hooks', () => import('./pages/actions/Hooks')),
  ]),
  action.addChildren([
    goes(action, '/', './code'),
    under(action, 'code', () => import('./pages/actions/Code')),
    under(action, 'secrets', () => import('./pages/actions/Secrets')),
    under(action, 'versions', () => import('./pages/actions/Versions')),
  ]),
  branding.addChildren([
    goes(branding, '/', './look'),
    under(branding, 'look', () => import('./pages/branding/Look')),
    under(branding, 'experience', () => import('./pages/branding/Experience')),
    under(branding, 'text', () => import('./pages/branding/Text')),
    under(branding, 'template', () => import('./pages/branding/Template')),
  ]),
  emails.addChildren([
    goes(emails, '/', './provider'),
    under(emails, 'provider', () => import('./pages/emails/Provider')),
    under(emails, 'templates', () => import('./pages/emails/Templates')),
    under(emails, 'mailbox', () => import('./pages/emails/Mailbox')),
  ]),
  page('/emails/templates/$name', () => import('./pages/emails/Template')),
  page('/rules', () => import('./pages/rules/Rules')),
  page('/rules/$id', () => import('./pages/rules/Rule')),
  page('/users', () => import('./pages/users/List')),
  user.addChildren([
    goes(user, '/', './details'),
    under(user, 'details', () => import('./pages/users/details/Details')),
    under(user, 'metadata', () => import('./pages/users/Metadata')),
    under(user, 'sessions', () => import('./pages/users/access/Access')),
    under(user, 'roles', () => import('./pages/users/Roles')),
    under(user, 'permissions', () => import('./pages/users/Permissions')),
    under(user, 'logs', () => import('./pages/users/Logs')),
    under(user, 'history', () => import('./pages/users/History')),
    under(user, 'json', () => import('./pages/users/Raw')),
  ]),
  page('/roles', () => import('./pages/roles/List')),
  role.addChildren([
    goes(role, '/', './settings'),
    under(role, 'settings', () => import('./pages/roles/Settings')),
    under(role, 'permissions', () => import('./pages/roles/Permissions')),
    under(role, 'users', () => import('./pages/roles/Users')),
    under(role, 'history', () => import('./pages/roles/History')),
  ]),
  logs.addChildren([under(logs, '$logId', () => import('./pages/logs/Event'))]),
  page('/log-streams', () => import('./pages/logStreams/List')),
  logStream.addChildren([
    goes(logStream, '/', './settings'),
    under(logStream, 'settings', async () => ({ default: (await import('./pages/logStreams/Stream')).Settings })),
    under(logStream, 'filters', async () => ({ default: (await import('./pages/logStreams/Stream')).Filters })),
    under(logStream, 'health', async () => ({ default: (await import('./pages/logStreams/Stream')).Health })),
    under(logStream, 'history', async () => ({ default: (await import('./pages/logStreams/Stream')).History })),
  ]),
  page('/audit', () => import('./pages/audit/Audit')),
  page('/attack-protection', () => import('./pages/protection/Protection')),
  limits.addChildren([
    goes(limits, '/', './rate-limits'),
    under(limits, 'rate-limits', () => import('./pages/limits/RateLimits')),
    under(limits, 'network', () => import('./pages/limits/Network')),
  ]),
  page('/revocations', () => import('./pages/revocations/Revocations')),
  page('/usage', () => import('./pages/usage/Usage')),
  tenant.addChildren([
    goes(tenant, '/', './general'),
    under(tenant, 'general', () => import('./pages/tenant/General')),
    under(tenant, 'signing-keys', () => import('./pages/tenant/SigningKeys')),
    under(tenant, 'advanced', () => import('./pages/tenant/Advanced')),
    under(tenant, 'history', () => import('./pages/tenant/History')),
  ]),
  page('/tenants', () => import('./pages/tenants/Tenants')),
  page('/nodes', () => import('./pages/nodes/Nodes')),
  page('/administrators', () => import('./pages/administrators/Administrators')),
  page('/account', () => import('./pages/account/Account')),
  page('/inspector', () => import('./pages/inspector/Inspector')),
  goes(root, '/callback', '/'),
]);

// Everything after the question mark is text; nothing is guessed to be a number.
const parseSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));
const stringifySearch = (search: Record<string, unknown>): string => {
  const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given as [string, string][])}`;
};

export const router = createRouter({
  routeTree: tree,
  basepath: basePath,
  defaultPreload: 'intent',
  defaultErrorComponent: Failed,
  defaultNotFoundComponent: Missing,
  scrollRestoration: true,
  parseSearch,
  stringifySearch,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

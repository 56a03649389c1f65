// What the palette offers: pages, acts, and what was found or pasted.
import type { SearchResult } from '../api/search';
import { basePath, config, tenantPath } from '../api/config';
import type { Tenant } from '../api/tenant';
import { can } from '../auth/me';
import { signOut } from '../auth/session';
import { stashDrafts } from '../lib/drafts';
import { fit } from '../lib/match';
import { palette as text } from '../text/palette';
import { shell } from '../text/shell';
import { ui } from '../text/ui';
import { announce } from '../ui/announce';
import { copyText } from '../ui/CopyButton';
import { AppWindow, ArrowRight, Building2, Clock, Copy, Database, FileKey, Keyboard, KeyRound, LogOut, Monitor, Moon, Plus, ScanSearch, ScrollText, Server, Settings, Sun, Tags, Terminal, UserRound, Users, type LucideIcon } from '../ui/icons';
import { inspect } from '../ui/inspect';
import { chooseTheme } from '../ui/theme';
import { PLACES } from './Nav';
import { recent } from './recent';

export type Command = { id: string; label: string; also?: string[] | undefined; detail?: string | undefined; icon: LucideIcon; group: string; run: () => void };

export type Go = (to: string, search?: Record<string, string>) => () => void;

/** The token in a pasted text, with or without the word before it. */
export function tokenIn(typed: string): string | undefined {
  const token = typed.trim().replace(/^bearer\s+/i, '');
  return /^ey[\w-]*\.[\w-]*\.[\w-]*(\.[\w-]*\.[\w-]*)?$/.test(token) ? token : undefined;
}

export const ofToken = (token: string): Command =>
  ({ id: 'inspect', label: text.inspect, detail: `${token.slice(0, 24)}…`, icon: ScanSearch, group: text.found, run: () => inspect({ token }) });

/** The pages last looked at. */
export const ofRecent = (go: Go): Command[] =>
  recent()
    .filter((page) => basePath + page.path !== location.pathname)
    .map((page) => ({ id: `recent ${page.path}`, label: page.title, icon: Clock, group: text.recent, run: go(page.path) }));

export function places(go: Go): Command[] {
  const place = (to: string, label: string, icon: LucideIcon): Command => ({ id: to, label, icon, also: text.also[to], group: text.goTo, run: go(to) });
  return [
    ...PLACES.flatMap(({ places }) => places).filter(({ only }) => only?.() ?? true).map(({ to, label, icon }) => place(to, label, icon)),
    place('/tenant/general', text.pages.general, Settings),
    place('/tenant/signing-keys', text.pages.keys, FileKey),
    place('/tenant/advanced', text.pages.advanced, Settings),
    place('/tenant/history', text.pages.history, ScrollText),
    place('/getting-started', text.pages.start, ArrowRight),
    place('/account', text.pages.account, Users),
  ];
}

export function acts(go: Go, tenants: Tenant[], openShortcuts: () => void): Command[] {
  const act = (id: string, label: string, icon: LucideIcon, run: () => void, detail?: string): Command => ({ id, label, icon, run, detail, group: text.actions });
  const create = (scope: string, label: string, to: string) => (can(scope) ? [act(`create ${to}`, label, Plus, go(to, { create: '1' }))] : []);
  return [
    ...create('create:clients', text.createApplication, '/applications'),
    ...create('create:resource_servers', text.createApi, '/apis'),
    ...create('create:connections', text.createConnection, '/connections'),
    ...create('create:users', text.createUser, '/users'),
    ...create('create:roles', text.createRole, '/roles'),
    ...create('create:log_streams', text.createLogStream, '/log-streams'),
    ...create('create:tenants', text.createTenant, '/tenants'),
    ...create('create:administrators', text.invite, '/administrators'),
    act('copy domain', text.copyDomain, Copy, copying(config.tenant.domain, text.copyDomain), config.tenant.domain),
    ...(['light', 'dark', 'system'] as const).map((theme, index) => act(theme, text.themeTo(shell.themes[theme]), [Sun, Moon, Monitor][index]!, () => chooseTheme(theme))),
    ...tenants.filter(({ name }) => name !== config.tenant.name).map(({ name, environment }) => act(`tenant ${name}`, text.switchTo(name), Building2, () => location.assign(tenantPath(name)), shell.environmentShort[environment])),
    act('shortcuts', text.shortcuts, Keyboard, openShortcuts),
    act('sign out', text.signOut, LogOut, () => { stashDrafts(); sessionStorage.clear(); signOut(); }),
  ];
}

// A name that is not shown has to be typed well, and never stands before one that is.
const byOtherName = (at: number) => (at < 2 ? 0 : Math.min(at, 4));

/** Those that fit what was typed, the best first. */
export const fitting = (typed: string, commands: Command[]): { command: Command; at: number }[] =>
  commands
    .map((command) => ({ command, at: Math.max(fit(typed, command.label), byOtherName(fit(typed, ...(command.also ?? [])))) }))
    .filter(({ at }) => at > 0)
    .sort((one, other) => other.at - one.at);

const ICONS: Record<string, LucideIcon> = { client: AppWindow, resource_server: Server, log: ScrollText, signing_key: KeyRound, client_grant: ArrowRight, connection: Database, user: UserRound, role: Tags };

/** A result, and what else can be done with it: all of that for the first one, the copy for every application. */
export function ofResult(result: SearchResult, go: Go, isFirst: boolean): Command[] {
  const { kind, id } = result;
  const name = result.name === '' ? id : result.name;
  const part = encodeURIComponent(id);
  const open: Command = { id: `${kind} ${id}`, label: name, detail: [text.kinds[kind] ?? kind, result.detail].filter(Boolean).join(' · '), icon: ICONS[kind] ?? ArrowRight, group: text.found, run: go(placeOf(result)) };
  const more = (label: string, icon: LucideIcon, run: () => void): Command => ({ id: `${label} ${id}`, label, icon, group: text.found, run });
  if (kind === 'client') {
    const copy = more(text.copyId(name), Copy, copying(id, text.copyId(name)));
    return isFirst ? [open, copy, more(text.quickStartOf(name), Terminal, go(`/applications/${part}/quickstart`)), more(text.logsOf(name), ScrollText, go(`/applications/${part}/logs`))] : [open, copy];
  }
  if (kind === 'resource_server' && isFirst) {
    return [open, more(text.copyIdentifier(name), Copy, copying(result.detail ?? '', text.copyIdentifier(name))), more(text.testOf(name), Terminal, go(`/apis/${part}/test`))];
  }
  if (kind === 'user') {
    const copy = more(text.copyUserId(name), Copy, copying(id, text.copyUserId(name)));
    return isFirst ? [open, copy, more(text.rolesOf(name), Tags, go(`/users/${part}/roles`)), more(text.logsOf(name), ScrollText, go(`/users/${part}/logs`))] : [open, copy];
  }
  return [open];
}

const copying = (value: string, what: string) => () =>
  void copyText(value).then((isDone) => announce(isDone ? ui.copied(what) : ui.copyFailed));

function placeOf({ kind, id, name }: SearchResult): string {
  const part = encodeURIComponent(id);
  if (kind === 'client') return `/applications/${part}/settings`;
  if (kind === 'resource_server') return `/apis/${part}/settings`;
  if (kind === 'connection') return `/connections/${part}/settings`;
  if (kind === 'user') return `/users/${part}/details`;
  if (kind === 'role') return `/roles/${part}/settings`;
  if (kind === 'log') return `/logs/${part}`;
  // A grant is found by its identifier, and named by its application.
  if (kind === 'client_grant') return `/applications/${encodeURIComponent(name)}/apis`;
  if (kind === 'signing_key') return '/tenant/signing-keys';
  return '/tenants';
}

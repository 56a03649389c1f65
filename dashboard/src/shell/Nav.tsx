import { Link, useRouterState } from '@tanstack/react-router';
import { basePath } from '../api/config';
import { shell } from '../text/shell';
import { AppWindow, Activity, Building2, Database, FileCode, FileKey, Gauge, House, Mail, Monitor, Palette, ScanSearch, ScrollText, Server, Settings, ShieldAlert, ShieldX, Tags, Upload, UserCog, Users, Workflow, type LucideIcon } from '../ui/icons';
import { isAdmin } from '../auth/me';

type Place = { to: string; label: string; icon: LucideIcon; only?: () => boolean };

/** Every page that stands in the navigation; the palette goes to the same. */
export const PLACES: { group?: string; places: Place[] }[] = [
  { places: [{ to: '/', label: shell.nav.home, icon: House }] },
  { group: shell.groups.applications, places: [{ to: '/applications', label: shell.nav.applications, icon: AppWindow }, { to: '/apis', label: shell.nav.apis, icon: Server }, { to: '/actions', label: shell.nav.actions, icon: FileCode }, { to: '/rules', label: shell.nav.rules, icon: Workflow }] },
  { group: shell.groups.authentication, places: [{ to: '/connections', label: shell.nav.connections, icon: Database }] },
  { group: shell.groups.people, places: [{ to: '/users', label: shell.nav.users, icon: Users }, { to: '/roles', label: shell.nav.roles, icon: Tags }] },
  { group: shell.groups.branding, places: [{ to: '/branding', label: shell.nav.universalLogin, icon: Palette }, { to: '/emails', label: shell.nav.emails, icon: Mail }] },
  { group: shell.groups.monitor, places: [{ to: '/logs', label: shell.nav.logs, icon: ScrollText }, { to: '/log-streams', label: shell.nav.streams, icon: Upload }, { to: '/audit', label: shell.nav.audit, icon: FileKey }, { to: '/usage', label: shell.nav.usage, icon: Activity }] },
  {
    group: shell.groups.security,
    places: [
      { to: '/attack-protection', label: shell.nav.protection, icon: ShieldAlert },
      { to: '/limits', label: shell.nav.limits, icon: Gauge },
      { to: '/revocations', label: shell.nav.revocations, icon: ShieldX },
    ],
  },
  {
    group: shell.groups.settings,
    places: [
      { to: '/tenant', label: shell.nav.tenant, icon: Settings },
      { to: '/tenants', label: shell.nav.tenants, icon: Building2 },
      { to: '/nodes', label: shell.nav.nodes, icon: Monitor, only: isAdmin },
      { to: '/administrators', label: shell.nav.administrators, icon: UserCog, only: isAdmin },
    ],
  },
  { group: shell.groups.tools, places: [{ to: '/inspector', label: shell.nav.inspector, icon: ScanSearch }] },
];

export function Nav({ onGo }: { onGo?: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const here = (path.startsWith(basePath) ? path.slice(basePath.length) : path) || '/';
  const isHere = (to: string) => (to === '/' ? here === '/' || here === '/getting-started' : here === to || here.startsWith(`${to}/`));
  return (
    <nav aria-label={shell.navigation}>
      {PLACES.map(({ group, places }) => (
        <div key={group ?? ''} {...(group !== undefined && { role: 'group', 'aria-label': group })}>
          {group !== undefined && <div className="nav-group" aria-hidden>{group}</div>}
          <ul>
            {places.filter((place) => place.only?.() ?? true).map(({ to, label, icon: Icon }) => (
              <li key={to}>
                <Link to={to as string} className="nav-link" title={label} aria-current={isHere(to) ? 'page' : undefined} {...(onGo && { onClick: onGo })}>
                  <Icon className="icon" size={17} aria-hidden /><span className="words">{label}</span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

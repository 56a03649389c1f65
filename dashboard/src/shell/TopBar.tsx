import { useNavigate } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import { config, tenantPath } from '../api/config';
import { tenantsQuery } from '../api/tenant';
import { can, isAdmin, me } from '../auth/me';
import { signOut } from '../auth/session';
import { stashDrafts } from '../lib/drafts';
import { shell } from '../text/shell';
import { IconButton } from '../ui/Button';
import { Building2, Check, ChevronsUpDown, Keyboard, ListFilter, LogOut, MenuIcon, Monitor, Moon, Plus, Search, Settings, ShieldCheck, Sun } from '../ui/icons';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from '../ui/Menu';
import { chooseTheme, chosenTheme, currentTheme, subscribeTheme, type Theme } from '../ui/theme';
import { environment } from './environment';
import { CTRL } from './shortcuts';

export function TopBar({ onMenu, onSearch, onHelp }: { onMenu: () => void; onSearch: () => void; onHelp: () => void }) {
  return (
    <header className="topbar">
      <span className="only-narrow"><IconButton icon={MenuIcon} size={20} label={shell.openMenu} onClick={onMenu} /></span>
      <TenantMenu />
      <span className="fill" />
      <button type="button" className="search-button" aria-keyshortcuts="Control+K Meta+K" onClick={onSearch}>
        <Search className="icon" size={16} aria-hidden /><span className="words">{shell.search}</span><kbd aria-hidden>{CTRL} K</kbd>
      </button>
      <IconButton icon={Keyboard} size={18} label={shell.help} onClick={onHelp} />
      <ThemeMenu />
      <AccountMenu />
    </header>
  );
}

function TenantMenu() {
  const navigate = useNavigate();
  const tenants = useQuery({ ...tenantsQuery(), enabled: config.devToken === undefined && can('read:tenants') });
  const tag = useSyncExternalStore(environment.subscribe, environment.now);
  const { name } = config.tenant;
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className="tenant-button" title={shell.switchTenant(name, shell.environments[tag])}>
          <span className="tenant-mark"><ShieldCheck size={16} aria-hidden /></span>
          <span className="clip">{name}</span>
          <span className="environment" data-environment={tag}>{shell.environmentShort[tag]}</span>
          <ChevronsUpDown className="icon muted" size={14} aria-hidden />
        </button>
      }
    >
      {(tenants.data ?? []).slice(0, 12).map((tenant) => (
        <MenuItem key={tenant.name} icon={tenant.name === name ? Check : Building2} onSelect={() => { if (tenant.name !== name) location.assign(tenantPath(tenant.name)); }} aside={<span className="environment" data-environment={tenant.environment}>{shell.environmentShort[tenant.environment]}</span>}>
          <span className={tenant.name === name ? 'strong anywhere' : 'anywhere'}>{tenant.name}</span>{tenant.name === name && <span className="sr"> {shell.thisTenant}</span>}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem icon={Settings} onSelect={() => void navigate({ to: '/tenant/general' })}>{shell.tenantSettings}</MenuItem>
      <MenuItem icon={ListFilter} onSelect={() => void navigate({ to: '/tenants' })}>{shell.allTenants}</MenuItem>
      {isAdmin() && <MenuItem icon={Plus} onSelect={() => void navigate({ to: '/tenants', search: { create: '1' } as never })}>{shell.createTenant}</MenuItem>}
    </Menu>
  );
}

const THEMES: { value: Theme; label: string; icon: typeof Sun }[] = [
  { value: 'system', label: shell.themes.system, icon: Monitor },
  { value: 'light', label: shell.themes.light, icon: Sun },
  { value: 'dark', label: shell.themes.dark, icon: Moon },
];

function ThemeMenu() {
  const theme = useSyncExternalStore(subscribeTheme, currentTheme);
  const [, redraw] = useState(0);
  return (
    <Menu trigger={<IconButton icon={theme === 'dark' ? Moon : Sun} size={18} label={shell.theme} />}>
      <MenuChoice value={chosenTheme()} onChange={(theme) => { chooseTheme(theme); redraw((count) => count + 1); }} options={THEMES} />
    </Menu>
  );
}

function AccountMenu() {
  const navigate = useNavigate();
  const { name, email, roles } = me();
  const shown = name === '' ? email : name;
  const initials = shown.split(/[\s.@_-]+/).slice(0, 2).map((part) => part[0]?.toUpperCase() ?? '').join('') || '?';
  return (
    <Menu trigger={<button type="button" className="icon-button" aria-label={shell.account(initials, shown)}><span className="avatar" aria-hidden>{initials}</span></button>}>
      <MenuLabel><span className="strong anywhere">{shown}</span><br />{email !== shown && <>{email}<br /></>}{roles.map((role) => shell.roles[role]).join(', ')}</MenuLabel>
      <MenuSeparator />
      <MenuItem icon={Settings} onSelect={() => void navigate({ to: '/account' })}>{shell.yourAccount}</MenuItem>
      <MenuItem icon={LogOut} onSelect={() => { stashDrafts(); sessionStorage.clear(); signOut(); }}>{shell.signOut}</MenuItem>
    </Menu>
  );
}

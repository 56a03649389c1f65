import type { Administrator } from '../../api/extras';
import { can } from '../../auth/me';
import { showAgo, showTime } from '../../lib/time';
import { administrators as text } from '../../text/administrators';
import { shell } from '../../text/shell';
import { Badge, DataTable, IconButton, Menu, MenuItem, MenuSeparator, type Column } from '../../ui';
import { Ellipsis, KeyRound, Pencil, Trash2 } from '../../ui/icons';

export const nameOf = ({ name, email }: { name?: string; email: string }): string => name || email;

/** The roles in words. */
export const Roles = ({ of }: { of: Administrator['roles'] }) => (
  <span className="row" style={{ gap: 4 }}>{of.map((role) => <Badge key={role} {...(role === 'admin' && { kind: 'accent' as const })}>{shell.roles[role] ?? role}</Badge>)}</span>
);

/** All, or the names of some. */
export const Where = ({ tenants }: { tenants: string[] | null | undefined }) =>
  tenants === null || tenants === undefined ? text.allTenants : <span className="anywhere" title={tenants.join(', ')}>{text.someTenants(tenants)}</span>;

export function People({ people, onAsk }: { people: Administrator[]; onAsk: (act: 'change' | 'password-link' | 'remove', id: string) => void }) {
  const columns: Column<Administrator>[] = [
    {
      key: 'person', header: text.columns.person, sort: nameOf,
      cell: (person) => (
        <div>
          <div className="row" style={{ gap: 6 }}><span className="strong anywhere">{nameOf(person)}</span>{person.is_you && <Badge kind="success">{text.you}</Badge>}</div>
          {person.email !== nameOf(person) && <div className="muted small anywhere">{person.email}</div>}
        </div>
      ),
    },
    { key: 'roles', header: text.columns.roles, sort: (person) => person.roles.join(), cell: (person) => <Roles of={person.roles} /> },
    { key: 'tenants', header: text.columns.tenants, cell: (person) => <Where tenants={person.tenants} /> },
    {
      key: 'last', header: text.columns.lastLogin, sort: (person) => person.last_login ?? '',
      cell: (person) => (person.last_login
        ? <span className="nobreak"><time dateTime={person.last_login} title={showTime(person.last_login)}>{showAgo(person.last_login)}</time>{person.logins_count !== undefined && <span className="muted small"> · {text.logins(person.logins_count)}</span>}</span>
        : <span className="muted">{text.never}</span>),
    },
    ...(can('update:administrators') || can('delete:administrators')
      ? [{
          key: 'actions', header: text.columns.actions, actions: true,
          cell: (person: Administrator) => (
            <Menu trigger={<IconButton icon={Ellipsis} label={text.menuOf(nameOf(person))} />}>
              <MenuItem icon={Pencil} onSelect={() => onAsk('change', person.user_id)}>{text.change}</MenuItem>
              <MenuItem icon={KeyRound} onSelect={() => onAsk('password-link', person.user_id)}>{text.passwordLink}</MenuItem>
              <MenuSeparator />
              <MenuItem icon={Trash2} danger onSelect={() => onAsk('remove', person.user_id)}>{text.remove}</MenuItem>
            </Menu>
          ),
        }]
      : []),
  ];
  return <DataTable label={text.people} columns={columns} rows={people} rowKey={(person) => person.user_id} initialSort="person" />;
}

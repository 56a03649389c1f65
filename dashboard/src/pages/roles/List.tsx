import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { rolesQuery, type Role } from '../../api/userRoles';
import { can } from '../../auth/me';
import { roles as text } from '../../text/roles';
import { ui } from '../../text/ui';
import { Allowed, Badge, Button, CopyLine, DataTable, EmptyState, ErrorPanel, FilterInput, IconButton, Menu, MenuItem, MenuSeparator, Nothing, PageHeader, Skeleton, useSearchParam, type Column } from '../../ui';
import { Ellipsis, KeyRound, Plus, Settings, Tags, Trash2, Users } from '../../ui/icons';
import { CreateRole } from './CreateRole';
import { DeleteRole } from './DeleteRole';

const MANY = 100;

export default function List() {
  const [q, setQ] = useSearchParam('q');
  const [create, setCreate] = useSearchParam('create');
  const [doomed, setDoomed] = useState<Role>();
  const read = useQuery(rolesQuery());
  const shown = read.data?.filter(({ name, description, id }) => `${name} ${description ?? ''} ${id}`.toLowerCase().includes(q.trim().toLowerCase()));
  const add = <Allowed scope="create:roles"><Button kind="primary" icon={Plus} onClick={() => setCreate('1')}>{text.create}</Button></Allowed>;
  return (
    <>
      <PageHeader title={text.title} lead={text.lead} actions={add} />
      {read.isPending ? <Skeleton lines={6} height={36} />
        : read.isError || shown === undefined ? <ErrorPanel error={read.error} retry={() => void read.refetch()} />
          : read.data.length === 0 ? <EmptyState icon={Tags} title={text.emptyTitle} actions={add}>{text.empty}</EmptyState> : (
            <>
              <div className="toolbar"><FilterInput value={q} onChange={setQ} label={text.filter} placeholder={text.placeholder} status={text.count(shown.length, read.data.length)} /></div>
              {shown.length === 0 ? <EmptyState icon={Tags} title={ui.noMatch(q)} actions={<Button onClick={() => setQ('')}>{ui.clearFilter}</Button>} /> : <Table roles={shown} onDelete={setDoomed} />}
            </>
          )}
      {create !== '' && can('create:roles') && <CreateRole onClose={() => setCreate('')} />}
      <DeleteRole role={doomed} onClose={() => setDoomed(undefined)} />
    </>
  );
}

function Table({ roles, onDelete }: { roles: Role[]; onDelete: (role: Role) => void }) {
  const navigate = useNavigate();
  const go = (role: Role, tab: 'settings' | 'permissions' | 'users') => void navigate({ to: `/roles/$roleId/${tab}`, params: { roleId: role.id } });
  const columns: Column<Role>[] = [
    {
      key: 'name', header: text.columns.name, sort: ({ name }) => name, width: '30%',
      cell: ({ id, name, type }) => <span className="row"><Link className="name anywhere" to="/roles/$roleId/settings" params={{ roleId: id }}>{name}</Link>{type === 'organization' && <Badge>{text.organization}</Badge>}</span>,
    },
    { key: 'description', header: text.columns.description, cell: ({ description }) => (description ? <span className="anywhere">{description}</span> : <Nothing />) },
    { key: 'id', header: text.columns.id, cell: ({ id, name }) => <CopyLine value={id} what={text.idOf(name)} /> },
    {
      key: 'actions', header: text.columns.actions, actions: true,
      cell: (role) => (
        <Menu trigger={<IconButton icon={Ellipsis} label={text.actionsOf(role.name)} />}>
          <MenuItem icon={Settings} onSelect={() => go(role, 'settings')}>{text.tabs.settings}</MenuItem>
          <MenuItem icon={KeyRound} onSelect={() => go(role, 'permissions')}>{text.tabs.permissions}</MenuItem>
          <MenuItem icon={Users} onSelect={() => go(role, 'users')}>{text.tabs.users}</MenuItem>
          {can('delete:roles') && <><MenuSeparator /><MenuItem icon={Trash2} danger onSelect={() => onDelete(role)}>{text.remove.button}</MenuItem></>}
        </Menu>
      ),
    },
  ];
  return (
    <DataTable
      label={text.title} columns={columns} rows={roles} rowKey={({ id }) => id} initialSort="name" onOpen={(role) => go(role, 'settings')}
      {...(roles.length > MANY && { virtual: { rowHeight: 45, height: 'max(320px, calc(100dvh - 260px))' } })}
    />
  );
}

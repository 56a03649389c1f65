import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { databasesQuery, type Connection } from '../../api/connections';
import { can } from '../../auth/me';
import { connections as words } from '../../text/connections';
import { ui } from '../../text/ui';
import { Allowed, Button, CopyLine, DataTable, EmptyState, ErrorPanel, FilterInput, IconButton, Menu, MenuItem, MenuSeparator, PageHeader, Skeleton, useSearchParam, type Column } from '../../ui';
import { AppWindow, Database, Ellipsis, KeyRound, Plus, Settings, Trash2 } from '../../ui/icons';
import { State } from './Connection';
import { CreateConnection } from './CreateConnection';
import { DeleteConnection } from './DeleteConnection';
import { keptOf } from './kinds';
import { choiceOf } from './password/policy';

const text = words.list;
const MANY = 100;

export default function List() {
  const navigate = useNavigate();
  const [q, setQ] = useSearchParam('q');
  const [creating, setCreating] = useSearchParam('create');
  const [doomed, setDoomed] = useState<Connection>();
  const listed = useQuery(databasesQuery());
  const columns = useColumns(setDoomed);
  const all = listed.data ?? [];
  const total = all.length;
  const needle = q.trim().toLowerCase();
  const rows = all.filter(({ id, name, display_name }) => `${name} ${display_name ?? ''} ${id}`.toLowerCase().includes(needle));
  const create = <Allowed scope="create:connections"><Button kind="primary" icon={Plus} onClick={() => setCreating('1')}>{words.create}</Button></Allowed>;
  return (
    <>
      <PageHeader title={words.title} lead={words.lead} actions={create} />
      {listed.isPending ? <Skeleton lines={6} height={36} />
        : listed.isError ? <ErrorPanel error={listed.error} retry={() => void listed.refetch()} />
          : total === 0 ? <EmptyState icon={Database} title={text.emptyTitle} actions={create}>{text.empty}</EmptyState>
            : (
              <>
                <div className="toolbar"><FilterInput value={q} onChange={setQ} label={text.filter} placeholder={text.placeholder} status={ui.rows(rows.length, total)} /></div>
                {rows.length === 0 ? <EmptyState icon={Database} title={ui.noMatch(q)} actions={<Button onClick={() => setQ('')}>{ui.clearFilter}</Button>} /> : (
                  <DataTable
                    label={words.title} columns={columns} rows={rows} rowKey={({ id }) => id} initialSort="name"
                    onOpen={({ id }) => void navigate({ to: '/connections/$id/settings', params: { id } })}
                    {...(rows.length > MANY && { virtual: { rowHeight: 57, height: 'max(320px, calc(100dvh - 260px))' } })}
                  />
                )}
              </>
            )}
      <CreateConnection open={creating !== '' && can('create:connections')} onClose={() => setCreating('')} />
      <DeleteConnection connection={doomed} onClose={() => setDoomed(undefined)} />
    </>
  );
}

function useColumns(onDelete: (connection: Connection) => void): Column<Connection>[] {
  const navigate = useNavigate();
  return useMemo((): Column<Connection>[] => [
    {
      key: 'name', header: words.name, sort: ({ name }) => name,
      cell: ({ id, name, display_name }) => (
        <span className="row nowrap">
          <Database className="icon muted" size={16} aria-hidden />
          <span>
            <Link className="name anywhere" to="/connections/$id/settings" params={{ id }}>{name}</Link>
            {display_name !== undefined && <div className="muted small anywhere">{display_name}</div>}
          </span>
        </span>
      ),
    },
    { key: 'id', header: words.id, cell: ({ id, name }) => <CopyLine value={id} what={words.idOf(name)} short /> },
    { key: 'kept', header: text.people, sort: ({ options }) => keptOf(options ?? {}), cell: ({ options }) => words.kept[keptOf(options ?? {})] },
    { key: 'policy', header: text.policy, sort: ({ options }) => choiceOf(options ?? {}), cell: ({ options }) => words.password.choices[choiceOf(options ?? {})]![0] },
    { key: 'state', header: text.state, cell: (connection) => <State of={connection} /> },
    {
      key: 'actions', header: text.actions, actions: true,
      cell: (connection) => {
        const go = (tab: 'settings' | 'password' | 'applications') => void navigate({ to: `/connections/$id/${tab}`, params: { id: connection.id } });
        return (
          <Menu trigger={<IconButton icon={Ellipsis} label={text.actionsOf(connection.name)} />}>
            <MenuItem icon={Settings} onSelect={() => go('settings')}>{words.tabs.settings}</MenuItem>
            <MenuItem icon={KeyRound} onSelect={() => go('password')}>{words.tabs.password}</MenuItem>
            <MenuItem icon={AppWindow} onSelect={() => go('applications')}>{words.tabs.applications}</MenuItem>
            {can('delete:connections') && <><MenuSeparator /><MenuItem icon={Trash2} danger onSelect={() => onDelete(connection)}>{words.remove.button}</MenuItem></>}
          </Menu>
        );
      },
    },
  ], [navigate, onDelete]);
}

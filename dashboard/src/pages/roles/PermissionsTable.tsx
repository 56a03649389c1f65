import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { addPermissions, permissionsQuery, removePermissions, type Holder, type Permitted } from '../../api/userRoles';
import { can } from '../../auth/me';
import { roles } from '../../text/roles';
import { ui } from '../../text/ui';
import { user } from '../../text/user';
import { Badge, Button, DataTable, EmptyState, ErrorPanel, FilterInput, IconButton, Nothing, Skeleton, toast, useSearchParam, wordsOf, type Column } from '../../ui';
import { KeyRound, Plus, Trash2 } from '../../ui/icons';
import { AddPermissions } from './AddPermissions';

const text = roles.permissions;
const MANY = 100;

export const apiOf = (permitted: Permitted): string => permitted.resource_server_name || permitted.resource_server_identifier;
const isDirect = ({ sources }: Permitted) => sources === undefined || sources.some(({ source_type }) => source_type === 'DIRECT');
const keyOf = (permitted: Permitted) => `${permitted.resource_server_identifier} ${permitted.permission_name}`;

/** What a role, or a person, is permitted. What comes with a role is taken away there. */
export function PermissionsTable({ holder, name, scope, lead, empty }: { holder: Holder; name: string; scope: string; lead: string; empty: [string, string] }) {
  const read = useQuery(permissionsQuery(holder));
  const [q, setQ] = useSearchParam('q');
  const [isAdding, setAdding] = useState(false);
  if (read.isPending) return <Skeleton lines={4} height={36} />;
  if (read.isError) return <ErrorPanel error={read.error} retry={() => void read.refetch()} />;
  const remove = async (permitted: Permitted) => {
    const these = [{ permission_name: permitted.permission_name, resource_server_identifier: permitted.resource_server_identifier }];
    try {
      await removePermissions(holder, these);
      toast(text.removed(permitted.permission_name), { undo: () => addPermissions(holder, these).catch((error: unknown) => toast(wordsOf(error))) });
    } catch (error) {
      toast(wordsOf(error));
    }
  };
  const shown = read.data.filter((permitted) => `${permitted.permission_name} ${permitted.description ?? ''} ${apiOf(permitted)}`.toLowerCase().includes(q.trim().toLowerCase()));
  const columns: Column<Permitted>[] = [
    { key: 'permission', header: text.permission, sort: ({ permission_name }) => permission_name, cell: ({ permission_name }) => <code className="anywhere">{permission_name}</code> },
    { key: 'description', header: text.description, cell: ({ description }) => (description ? <span className="anywhere">{description}</span> : <Nothing />) },
    { key: 'api', header: text.api, sort: apiOf, cell: (permitted) => <span className="anywhere" title={permitted.resource_server_identifier}>{apiOf(permitted)}</span> },
    ...(holder.kind === 'users' ? [{ key: 'from', header: user.permissions.from, cell: (permitted: Permitted) => <Sources of={permitted} /> }] : []),
    ...(can(scope) ? [{
      key: 'actions', header: text.actions, actions: true,
      cell: (permitted: Permitted) => (isDirect(permitted) ? <IconButton icon={Trash2} label={text.removeOf(permitted.permission_name, apiOf(permitted))} onClick={() => void remove(permitted)} /> : null),
    }] : []),
  ];
  const add = can(scope) && <Button icon={Plus} kind={read.data.length === 0 ? 'primary' : undefined} onClick={() => setAdding(true)}>{text.add}</Button>;
  return (
    <div className="stack">
      {read.data.length === 0 ? <EmptyState icon={KeyRound} title={empty[0]} actions={add}>{empty[1]}</EmptyState> : (
        <>
          <div className="row spread top"><p className="muted measure grow">{lead}</p>{add}</div>
          {read.data.length > 8 && <div className="toolbar"><FilterInput value={q} onChange={setQ} label={text.filter} status={ui.rows(shown.length, read.data.length)} /></div>}
          {shown.length === 0 ? <EmptyState icon={KeyRound} title={ui.noMatch(q)} actions={<Button onClick={() => setQ('')}>{ui.clearFilter}</Button>} /> : (
            <DataTable
              label={text.table} columns={columns} rows={shown} rowKey={keyOf} initialSort="permission"
              {...(shown.length > MANY && { virtual: { rowHeight: 45, height: 'max(320px, calc(100dvh - 320px))' } })}
            />
          )}
        </>
      )}
      {isAdding && <AddPermissions holder={holder} name={name} held={read.data.filter(isDirect)} onClose={() => setAdding(false)} />}
    </div>
  );
}

const Sources = ({ of }: { of: Permitted }) => (
  <span className="row" style={{ gap: 6 }}>
    {(of.sources ?? []).map(({ source_id: id, source_name: name, source_type: type }) => (
      <Fragment key={`${type} ${id}`}>{type === 'DIRECT' ? <Badge>{user.permissions.direct}</Badge> : <Link to="/roles/$roleId/permissions" params={{ roleId: id }}>{name}</Link>}</Fragment>
    ))}
  </span>
);

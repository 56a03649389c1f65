import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { resourceServersPage, resourceServersSearch, type ResourceServer } from '../../api/resourceServers';
import { can } from '../../auth/me';
import { containing } from '../../lib/containing';
import { showDuration } from '../../lib/duration';
import { showNumber } from '../../lib/time';
import { apis as words } from '../../text/apis';
import { ui } from '../../text/ui';
import {
  Allowed, Badge, Button, CopyLine, DataTable, EmptyState, ErrorPanel, FilterInput, IconButton, Menu, MenuItem, MenuSeparator, PageHeader,
  Skeleton, useSearchParam, type Column,
} from '../../ui';
import { Ellipsis, KeyRound, Plus, Server, Settings, Trash2, Users } from '../../ui/icons';
import { CreateApi } from './CreateApi';
import { DeleteApi } from './DeleteApi';
import { isManagementApi, nameOf, profileOf } from './kinds';
import { Pages } from '../../ui/Pages';
import './apis.css';

const PER_PAGE = 100;

export default function List() {
  const [q, setQ] = useSearchParam('q');
  const [pageText, setPage] = useSearchParam('page', '1');
  const [create, setCreate] = useSearchParam('create');
  const [doomed, setDoomed] = useState<ResourceServer>();
  const page = Math.max(Number.parseInt(pageText, 10) || 1, 1);
  const listed = useQuery({ ...resourceServersPage(page - 1, PER_PAGE), placeholderData: (before) => before });
  const total = listed.data?.total ?? 0;
  // A page that holds everything is filtered here, as one types; more than a page is filtered by the server.
  const isWhole = total <= PER_PAGE && page === 1;
  const found = useQuery({ ...resourceServersSearch(containing(['name', 'identifier'], q)), enabled: !isWhole && q.trim() !== '', placeholderData: (before) => before });
  const needle = q.trim().toLowerCase();
  const rows = needle === '' ? listed.data?.resource_servers
    : isWhole ? listed.data?.resource_servers.filter((api) => `${api.name ?? ''} ${api.identifier} ${api.id}`.toLowerCase().includes(needle))
      : found.data?.resource_servers;
  const error = listed.error ?? (needle === '' || isWhole ? null : found.error);
  return (
    <>
      <PageHeader
        title={words.title} lead={words.lead}
        actions={<Allowed scope="create:resource_servers"><Button kind="primary" icon={Plus} onClick={() => setCreate('1')}>{words.createApi}</Button></Allowed>}
      />
      <div className="toolbar">
        <FilterInput value={q} onChange={setQ} label={words.filter} status={rows !== undefined && words.count(rows.length, total)} delay={isWhole ? 0 : 250} />
      </div>
      {error !== null ? <ErrorPanel error={error} retry={() => void Promise.all([listed.refetch(), found.refetch()])} />
        : rows === undefined ? <Skeleton lines={6} height={36} />
          : rows.length > 0 ? <Table rows={rows} isSortable={isWhole || needle !== ''} onDelete={setDoomed} />
            : needle !== '' ? <EmptyState icon={Server} title={ui.noMatch(q)} actions={<Button onClick={() => setQ('')}>{ui.clearFilter}</Button>} />
              : <Nothing onCreate={() => setCreate('1')} />}
      {rows !== undefined && needle === '' && <Pages page={page} of={Math.ceil(total / PER_PAGE)} onPage={(page) => setPage(String(page))} />}
      {isWhole && needle === '' && total === 1 && rows?.every(isManagementApi) === true && <Nothing onCreate={() => setCreate('1')} />}
      <CreateApi open={create !== ''} onClose={() => setCreate('')} />
      <DeleteApi api={doomed} onClose={() => setDoomed(undefined)} />
    </>
  );
}

const Nothing = ({ onCreate }: { onCreate: () => void }) => (
  <div className="after">
    <EmptyState icon={Server} title={words.emptyTitle} actions={<Allowed scope="create:resource_servers"><Button kind="primary" icon={Plus} onClick={onCreate}>{words.createApi}</Button></Allowed>}>{words.emptyBody}</EmptyState>
  </div>
);

function Table({ rows, isSortable, onDelete }: { rows: ResourceServer[]; isSortable: boolean; onDelete: (api: ResourceServer) => void }) {
  const navigate = useNavigate();
  const columns: Column<ResourceServer>[] = [
    {
      key: 'name', header: words.name, width: '36%',
      cell: (api) => (
        <span className="row">
          <Link to="/apis/$id/settings" params={{ id: api.id }} className="name anywhere">{nameOf(api)}</Link>
          {api.is_system === true ? <Badge kind="accent">{words.system}</Badge> : <Badge>{words.custom}</Badge>}
        </span>
      ),
      ...(isSortable && { sort: nameOf }),
    },
    { key: 'identifier', header: words.audience, cell: (api) => <CopyLine value={api.identifier} what={words.identifierOf(nameOf(api))} />, ...(isSortable && { sort: (api: ResourceServer) => api.identifier }) },
    { key: 'permissions', header: words.permissions, end: true, cell: (api) => showNumber(api.scopes?.length ?? 0), ...(isSortable && { sort: (api: ResourceServer) => api.scopes?.length ?? 0 }) },
    { key: 'lifetime', header: words.lifetime, end: true, cell: (api) => <span className="nobreak">{showDuration(api.token_lifetime ?? 0).replace(/ \(.*/, '')}</span>, ...(isSortable && { sort: (api: ResourceServer) => api.token_lifetime ?? 0 }) },
    { key: 'signed', header: words.signed, cell: (api) => <span className="nobreak">{api.signing_alg}{profileOf(api.token_dialect) === 'rfc9068' && <span className="muted small"> · {words.profiles.rfc9068}</span>}</span>, ...(isSortable && { sort: (api: ResourceServer) => api.signing_alg ?? '' }) },
    {
      key: 'actions', header: words.actions, actions: true,
      cell: (api) => {
        const go = (tab: string) => () => void navigate({ to: `/apis/${encodeURIComponent(api.id)}/${tab}` as string });
        return (
          <Menu trigger={<IconButton icon={Ellipsis} label={words.actionsFor(nameOf(api))} />}>
            <MenuItem icon={Settings} onSelect={go('settings')}>{words.tabs.settings}</MenuItem>
            <MenuItem icon={KeyRound} onSelect={go('permissions')}>{words.tabs.permissions}</MenuItem>
            <MenuItem icon={Users} onSelect={go('applications')}>{words.tabs.applications}</MenuItem>
            {api.is_system !== true && can('delete:resource_servers') && (
              <>
                <MenuSeparator />
                <MenuItem icon={Trash2} danger onSelect={() => onDelete(api)}>{words.deleteApi}</MenuItem>
              </>
            )}
          </Menu>
        );
      },
    },
  ];
  return (
    <div className="api-list">
      <DataTable label={words.title} columns={columns} rows={rows} rowKey={(api) => api.id} initialSort={isSortable ? 'name' : ''} onOpen={(api) => void navigate({ to: '/apis/$id/settings', params: { id: api.id } })} />
    </div>
  );
}

import { useQueries, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { clientsPage, clientsSearch, type Client } from '../../api/clients';
import { lastUsedQuery, type LastUsed } from '../../api/extras';
import { can } from '../../auth/me';
import { showAgo, showTime } from '../../lib/time';
import { applications } from '../../text/applications';
import { ui } from '../../text/ui';
import {
  Allowed, Badge, Button, CopyLine, copyText, DataTable, EmptyState, ErrorPanel, FilterInput, IconButton, Menu, MenuItem, MenuSeparator, Nothing, PageHeader, Skeleton, Sparkline, toast, useSearchParam, type Column,
} from '../../ui';
import { AppWindow, Copy, Ellipsis, Plus, ScrollText, Settings, Terminal, Trash2 } from '../../ui/icons';
import { DeleteApplication } from './DeleteApplication';
import { fits, kindIcon, kindName } from './kinds';
import { useSample } from './sample';

const CreateDialog = lazy(() => import('./CreateDialog'));

const PAGE = 100;
/** Up to here everything is read and filtered in the page; beyond, the server searches. */
const READ_ALL = 1000;
const text = applications.list;

type Row = Client & { used?: LastUsed | undefined };

export default function List() {
  const navigate = useNavigate();
  const [q, setQ] = useSearchParam('q');
  const [creating, setCreating] = useSearchParam('create');
  const [pages, setPages] = useState(1);
  const [deleting, setDeleting] = useState<Client>();
  const first = useQuery(clientsPage(0, PAGE));
  const total = first.data?.total ?? 0;
  const wanted = total <= READ_ALL ? Math.ceil(total / PAGE) : pages;
  const more = useQueries({ queries: Array.from({ length: Math.max(wanted - 1, 0) }, (_, index) => clientsPage(index + 1, PAGE)) });
  const bare = q.split(/\s+/).filter((word) => word !== '' && !word.includes(':')).join(' ');
  const found = useQuery({ ...clientsSearch(`name:*${bare.replace(/[^\p{L}\p{N}_-]/gu, '?')}*`.replaceAll('?', '*')), enabled: total > READ_ALL && bare.length >= 3 });

  const read = [first, ...more].flatMap((page) => page.data?.clients ?? []);
  const all = [...new Map([...read, ...(found.data?.clients ?? [])].map((client) => [client.client_id, client])).values()];
  const shown = all.filter((client) => !client.global && fits(client, q));
  const used = useUsed(shown);
  const rows: Row[] = shown.map((client) => ({ ...client, used: used[client.client_id] }));
  const columns = useColumns(setDeleting);

  const create = (
    <Allowed scope="create:clients">
      <Button kind="primary" icon={Plus} onClick={() => setCreating('1')}>{applications.create}</Button>
    </Allowed>
  );
  return (
    <>
      <PageHeader title={applications.title} lead={applications.lead} actions={create} />
      {first.isPending ? <Skeleton lines={10} height={32} />
        : first.isError ? <ErrorPanel error={first.error} retry={() => void first.refetch()} />
          : total === 0 ? <Empty onCreate={() => setCreating('1')} />
            : (
              <>
                <div className="toolbar">
                  <FilterInput value={q} onChange={setQ} label={text.filter} placeholder={text.placeholder} status={ui.rows(rows.length, total)} />
                </div>
                {rows.length === 0 && !found.isFetching ? (
                  <EmptyState title={ui.noMatch(q)} actions={<Button onClick={() => setQ('')}>{ui.clearFilter}</Button>} />
                ) : (
                  <DataTable
                    label={applications.title} columns={columns} rows={rows} rowKey={(row) => row.client_id} initialSort={total > READ_ALL ? '' : 'name'}
                    {...(rows.length > PAGE && { virtual: { rowHeight: 45, height: 'max(320px, calc(100dvh - 260px))' } })}
                    onOpen={(row) => void navigate({ to: '/applications/$clientId/settings', params: { clientId: row.client_id } })}
                  />
                )}
                {total > READ_ALL && (
                  <div className="row" style={{ marginTop: 12 }}>
                    {read.length < total && <Button onClick={() => setPages(pages + 1)}>{text.loadMore(total - read.length)}</Button>}
                    <span className="muted small">{text.moreOnServer}</span>
                  </div>
                )}
              </>
            )}
      <Suspense fallback={null}>{creating !== '' && can('create:clients') && <CreateDialog onClose={() => setCreating('')} />}</Suspense>
      <DeleteApplication client={deleting} onClose={() => setDeleting(undefined)} />
    </>
  );
}

/** When each was last used; a server or role that does not tell leaves the cells empty. */
function useUsed(clients: Client[]): Record<string, LastUsed> {
  const ids = clients.slice(0, READ_ALL).map((client) => client.client_id);
  const chunks = Array.from({ length: Math.ceil(ids.length / PAGE) }, (_, index) => ids.slice(index * PAGE, (index + 1) * PAGE));
  const answers = useQueries({ queries: chunks.map((chunk) => ({ ...lastUsedQuery(chunk), retry: false })) });
  return Object.assign({}, ...answers.map((answer) => answer.data ?? {}));
}

function useColumns(onDelete: (client: Client) => void): Column<Row>[] {
  const navigate = useNavigate();
  return useMemo((): Column<Row>[] => [
    {
      key: 'name',
      header: text.name,
      sort: (row) => row.name,
      cell: (row) => {
        const Icon = kindIcon(row.app_type);
        return (
          <span className="row nowrap">
            <Icon className="icon muted" size={16} aria-hidden />
            <Link className="name anywhere" to="/applications/$clientId/settings" params={{ clientId: row.client_id }}>{row.name}</Link>
            {row.is_first_party === false && <Badge>{applications.thirdParty}</Badge>}
          </span>
        );
      },
    },
    { key: 'type', header: applications.type, sort: (row) => kindName(row.app_type), cell: (row) => kindName(row.app_type) },
    { key: 'id', header: applications.clientId, cell: (row) => <CopyLine value={row.client_id} what={applications.clientIdOf(row.name)} short /> },
    {
      key: 'day',
      header: text.last24h,
      sort: (row) => row.used?.issued_24h ?? 0,
      cell: (row) => (row.used === undefined ? <Nothing /> : <Sparkline values={row.used.hours} label={text.issued(row.used.issued_24h, row.used.refused_24h)} />),
    },
    {
      key: 'used',
      header: text.lastUsed,
      sort: (row) => (row.used?.last_used ? new Date(row.used.last_used).getTime() : 0),
      cell: (row) =>
        row.used === undefined ? <Nothing />
          : row.used.last_used === null ? <span className="muted">{text.neverUsed}</span>
            : <time dateTime={row.used.last_used} title={showTime(row.used.last_used)}>{showAgo(row.used.last_used)}</time>,
    },
    {
      key: 'actions',
      header: text.actions,
      actions: true,
      cell: (row) => {
        const go = (tab: 'quickstart' | 'settings' | 'logs') => void navigate({ to: `/applications/$clientId/${tab}`, params: { clientId: row.client_id } });
        const copy = async () => toast((await copyText(row.client_id)) ? ui.copied(applications.clientIdOf(row.name)) : ui.copyFailed);
        return (
          <Menu trigger={<IconButton icon={Ellipsis} label={text.actionsOf(row.name)} />}>
            <MenuItem icon={Terminal} onSelect={() => go('quickstart')}>{applications.tabs.quickstart}</MenuItem>
            <MenuItem icon={Settings} onSelect={() => go('settings')}>{applications.tabs.settings}</MenuItem>
            <MenuItem icon={ScrollText} onSelect={() => go('logs')}>{applications.tabs.logs}</MenuItem>
            <MenuItem icon={Copy} onSelect={() => void copy()}>{ui.copy(applications.clientId)}</MenuItem>
            {can('delete:clients') && <><MenuSeparator /><MenuItem icon={Trash2} danger onSelect={() => onDelete(row)}>{applications.remove.button}</MenuItem></>}
          </Menu>
        );
      },
    },
  ], [navigate, onDelete]);
}

function Empty({ onCreate }: { onCreate: () => void }) {
  const sample = useSample();
  return (
    <EmptyState
      icon={AppWindow} title={text.emptyTitle}
      actions={
        <Allowed scope="create:clients">
          <Button kind="primary" onClick={onCreate}>{applications.create}</Button>
          <Button busy={sample.isBusy} onClick={() => void sample.make()}>{text.createSample}</Button>
        </Allowed>
      }
    >
      {text.empty}
    </EmptyState>
  );
}

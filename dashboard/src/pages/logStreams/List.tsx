import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { logStreamsQuery, streamsHealthQuery, type LogStream, type StreamHealth } from '../../api/logStreams';
import { can } from '../../auth/me';
import { showAgo, showNumber, showTime } from '../../lib/time';
import { logStreams as words } from '../../text/logStreams';
import { ui } from '../../text/ui';
import { Allowed, Button, CopyLine, DataTable, EmptyState, ErrorPanel, FilterInput, IconButton, Menu, MenuItem, MenuSeparator, Nothing, PageHeader, Skeleton, useSearchParam, type Column } from '../../ui';
import { Activity, Ellipsis, Pause, Play, Plus, Settings, Trash2, Upload } from '../../ui/icons';
import { CreateStream } from './CreateStream';
import { DeleteStream } from './DeleteStream';
import { nameOf, State, turn } from './State';

const text = words.list;

type Row = LogStream & { health: StreamHealth | undefined };

export default function List() {
  const navigate = useNavigate();
  const [q, setQ] = useSearchParam('q');
  const [creating, setCreating] = useSearchParam('create');
  const [doomed, setDoomed] = useState<LogStream>();
  const listed = useQuery(logStreamsQuery());
  const health = useQuery(streamsHealthQuery());
  const columns = useColumns(setDoomed);
  const all: Row[] = (listed.data ?? []).map((stream) => ({ ...stream, health: health.data?.find(({ id }) => id === stream.id) }));
  const needle = q.trim().toLowerCase();
  const rows = all.filter((stream) => `${nameOf(stream)} ${words.kinds[stream.type][0]} ${stream.id}`.toLowerCase().includes(needle));
  const create = <Allowed scope="create:log_streams"><Button kind="primary" icon={Plus} onClick={() => setCreating('1')}>{words.create}</Button></Allowed>;
  return (
    <>
      <PageHeader title={words.title} lead={words.lead} actions={create} />
      {listed.isPending ? <Skeleton lines={4} height={36} />
        : listed.isError ? <ErrorPanel error={listed.error} retry={() => void listed.refetch()} />
          : all.length === 0 ? <EmptyState icon={Upload} title={text.emptyTitle} actions={create}>{text.empty}</EmptyState>
            : (
              <>
                <div className="toolbar"><FilterInput value={q} onChange={setQ} label={text.filter} placeholder={text.placeholder} status={ui.rows(rows.length, all.length)} /></div>
                {rows.length === 0 ? <EmptyState icon={Upload} title={ui.noMatch(q)} actions={<Button onClick={() => setQ('')}>{ui.clearFilter}</Button>} />
                  : <DataTable label={words.title} columns={columns} rows={rows} rowKey={({ id }) => id} initialSort="name" onOpen={({ id }) => void navigate({ to: '/log-streams/$id/settings', params: { id } })} />}
              </>
            )}
      {creating !== '' && can('create:log_streams') && <CreateStream onClose={() => setCreating('')} />}
      <DeleteStream stream={doomed} onClose={() => setDoomed(undefined)} />
    </>
  );
}

function useColumns(onDelete: (stream: LogStream) => void): Column<Row>[] {
  const navigate = useNavigate();
  return useMemo((): Column<Row>[] => [
    { key: 'name', header: words.name, sort: nameOf, cell: (stream) => <Link className="name anywhere" to="/log-streams/$id/settings" params={{ id: stream.id }}>{nameOf(stream)}</Link> },
    { key: 'kind', header: words.kind, sort: ({ type }) => words.kinds[type][0], cell: ({ type }) => words.kinds[type][0] },
    { key: 'id', header: words.id, cell: (stream) => <CopyLine value={stream.id} what={words.idOf(nameOf(stream))} short /> },
    { key: 'state', header: text.state, cell: (stream) => <State of={stream} health={stream.health} /> },
    { key: 'delivered', header: text.delivered, sort: ({ health }) => health?.last_success_at ?? '', cell: ({ health }) => (health?.last_success_at == null ? <Nothing /> : <time className="nobreak" dateTime={health.last_success_at} title={showTime(health.last_success_at)}>{showAgo(health.last_success_at)}</time>) },
    { key: 'waiting', header: text.waiting, end: true, sort: ({ health }) => health?.waiting ?? 0, cell: ({ health }) => (health === undefined || !health.is_delivered ? <Nothing /> : showNumber(health.waiting)) },
    {
      key: 'actions', header: text.actions, actions: true,
      cell: (stream) => {
        const go = (tab: 'settings' | 'health') => void navigate({ to: `/log-streams/$id/${tab}`, params: { id: stream.id } });
        const isActive = stream.status === 'active';
        return (
          <Menu trigger={<IconButton icon={Ellipsis} label={text.actionsOf(nameOf(stream))} />}>
            <MenuItem icon={Settings} onSelect={() => go('settings')}>{words.tabs.settings}</MenuItem>
            <MenuItem icon={Activity} onSelect={() => go('health')}>{words.tabs.health}</MenuItem>
            {can('update:log_streams') && <MenuItem icon={isActive ? Pause : Play} onSelect={() => void turn(stream, !isActive)}>{isActive ? words.act.pause : words.act.activate}</MenuItem>}
            {can('delete:log_streams') && <><MenuSeparator /><MenuItem icon={Trash2} danger onSelect={() => onDelete(stream)}>{words.remove.button}</MenuItem></>}
          </Menu>
        );
      },
    },
  ], [navigate, onDelete]);
}

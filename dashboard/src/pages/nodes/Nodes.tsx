// Which nodes serve; the list follows by itself.
import { useQuery } from '@tanstack/react-query';
import { nodesQuery, type Node } from '../../api/nodes';
import { showAgo, showTime } from '../../lib/time';
import { nodes as text } from '../../text/nodes';
import { CodeBlock, CopyLine, DataTable, ErrorPanel, LiveDot, Notice, PageHeader, Skeleton, type Column } from '../../ui';

const DOTS = { serving: 'on', stopping: 'off', behind: 'warning', silent: 'error' } as const;

const ago = (at: string) => <time className="nobreak" dateTime={at} title={showTime(at)}>{showAgo(at)}</time>;

const COLUMNS: Column<Node>[] = [
  { key: 'name', header: text.name, sort: ({ name }) => name, cell: ({ name }) => <span className="strong anywhere">{name}</span> },
  { key: 'address', header: text.address, sort: ({ address }) => address, cell: ({ address, name }) => <CopyLine value={address} what={`${text.address} ${name}`} /> },
  { key: 'state', header: text.state, sort: ({ state }) => state, cell: ({ state }) => <LiveDot state={DOTS[state]}>{text.states[state]}</LiveDot> },
  { key: 'version', header: text.version, sort: ({ version }) => version, cell: ({ version }) => <span className="number">{version}</span> },
  { key: 'changes', header: text.changes, sort: ({ behind }) => behind, cell: ({ behind }) => (behind === 0 ? text.upToDate : text.behind(behind)) },
  { key: 'started', header: text.started, sort: ({ started_at }) => started_at, cell: ({ started_at }) => ago(started_at) },
  { key: 'seen', header: text.seen, sort: ({ seen_at }) => seen_at, cell: ({ seen_at }) => ago(seen_at) },
];

export default function Nodes() {
  const read = useQuery(nodesQuery());
  const nodes = read.data?.nodes ?? [];
  const versions = [...new Set(nodes.filter(({ state }) => state !== 'silent').map(({ version }) => version))].sort();
  const silent = nodes.filter(({ state }) => state === 'silent');
  return (
    <>
      <PageHeader title={text.title} lead={text.lead} />
      {read.isPending ? <Skeleton lines={3} height={36} />
        : read.isError ? <ErrorPanel error={read.error} retry={() => void read.refetch()} />
          : (
            <div className="stack">
              {silent.length > 0 && <Notice kind="danger">{text.silent(silent.map(({ name, address }) => `${name} (${address})`))}</Notice>}
              {versions.length > 1 && <Notice kind="warning">{text.versions(versions)}</Notice>}
              {nodes.some(({ state }) => state === 'behind') && <Notice kind="warning">{text.lagging}</Notice>}
              {nodes.length === 0 ? <p className="muted">{text.empty}</p> : <DataTable label={text.table} columns={COLUMNS} rows={nodes} rowKey={({ id }) => id} initialSort="name" />}
              {read.data.store === 'sqlite' && <p className="muted small">{text.sqlite}</p>}
              <h2>{text.backups.title}</h2>
              <p className="muted">{text.backups.lead}</p>
              <CodeBlock what={text.backups.commands} code={text.backups.code} />
            </div>
          )}
    </>
  );
}

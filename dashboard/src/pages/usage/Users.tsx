import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lastUsedQuery, type TokenStats } from '../../api/extras';
import { sum } from '../../lib/stats';
import { showAgo, showNumber, showTime } from '../../lib/time';
import { usage as text } from '../../text/usage';
import { DataTable, Nothing, Skeleton, type Column } from '../../ui';

type Row = { key: string; name: string; issued: number; refused: number; lastUsed: string | null | undefined; isOne: boolean };

/** Who asked for tokens, or for which API they were, in the stretch that the charts show. */
export function Users({ kind, stats, isWhole, time }: {
  kind: 'client' | 'api';
  stats: TokenStats | undefined;
  /** Whether more is counted than the stretch, as they are counted by the hour. */
  isWhole: boolean;
  /** The stretch, for the log. */
  time: Record<string, string | undefined>;
}) {
  const known = (stats?.series ?? []).filter(({ key }) => key !== '' && key !== 'other').map(({ key }) => key);
  const used = useQuery({ ...lastUsedQuery(known), enabled: kind === 'client' && known.length > 0 });
  if (stats === undefined) return <Skeleton lines={6} height={32} />;
  const rows: Row[] = stats.series.map(({ key, label, issued, refused }) => ({
    key,
    name: key === 'other' ? text.other : label || (kind === 'api' ? text.unknownApi : text.unknownClient),
    issued: sum(issued), refused: sum(refused), lastUsed: used.data?.[key]?.last_used,
    isOne: key !== 'other' && key !== '',
  }));
  const share = (row: Row) => (row.issued + row.refused === 0 ? 0 : (100 * row.refused) / (row.issued + row.refused));
  const columns: Column<Row>[] = [
    { key: 'name', header: text.columns.name, sort: (row) => row.name, cell: (row) => <Name kind={kind} row={row} /> },
    { key: 'issued', header: text.columns.issued, end: true, sort: (row) => row.issued, cell: (row) => showNumber(row.issued) },
    { key: 'refused', header: text.columns.refused, end: true, sort: (row) => row.refused, cell: (row) => showNumber(row.refused) },
    { key: 'share', header: text.columns.share, end: true, sort: share, cell: (row) => `${share(row).toLocaleString('en-GB', { maximumFractionDigits: 1 })} %` },
  ];
  if (kind === 'client') {
    columns.push({
      key: 'used', header: text.columns.used, sort: (row) => row.lastUsed ?? '',
      cell: (row) => (row.lastUsed ? <time dateTime={row.lastUsed} title={showTime(row.lastUsed)}>{showAgo(row.lastUsed)}</time> : row.isOne && row.lastUsed === null ? text.never : <Nothing />),
    });
  }
  // The log cannot be searched by API.
  if (kind === 'client') columns.push({ key: 'logs', header: text.columns.logs, cell: (row) => <Logs row={row} time={time} /> });
  return (
    <section className="stack tight" aria-labelledby="users">
      <div className="row spread"><h2 id="users">{text.table[kind]}</h2>{isWhole && <p className="muted small">{text.wholeHours}</p>}</div>
      <DataTable label={text.table[kind]} columns={columns} rows={rows} rowKey={(row) => row.key} initialSort="-issued" />
    </section>
  );
}

function Name({ kind, row }: { kind: 'client' | 'api'; row: Row }) {
  if (!row.isOne) return <span className="muted">{row.name}</span>;
  return kind === 'client'
    ? <Link className="name" to="/applications/$clientId/usage" params={{ clientId: row.key }}>{row.name}</Link>
    : <Link className="name" to="/apis/$id/usage" params={{ id: row.key }}>{row.name}</Link>;
}

function Logs({ row, time }: { row: Row; time: Record<string, string | undefined> }) {
  if (row.key === 'other') return <Nothing />;
  // Whoever sent no known client ID has no name in the log.
  const search = row.isOne ? { client: row.key, ...time } : { q: 'type:feccft AND NOT _exists_:client_name', ...time };
  return <Link to="/logs" search={search as never} aria-label={text.logsOf(row.name)}>{text.columns.logs}</Link>;
}

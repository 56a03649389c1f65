import { useQuery } from '@tanstack/react-query';
import { streamsHealthQuery, type StreamHealth } from '../../api/logStreams';
import { showAgo, showNumber, showTime } from '../../lib/time';
import { logStreams } from '../../text/logStreams';
import { DataTable, ErrorPanel, Nothing, Notice, Skeleton, StatTile, type Column } from '../../ui';
import { State } from './State';
import { useStream } from './useStream';

const text = logStreams.health;

type Problem = StreamHealth['problems'][number];

const Ago = ({ at }: { at: string | null }) => (at === null ? <Nothing /> : <time dateTime={at} title={showTime(at)}>{showAgo(at)}</time>);

const COLUMNS: Column<Problem>[] = [
  { key: 'problem', header: text.problem, cell: ({ problem }) => <span className="anywhere">{problem}</span> },
  { key: 'when', header: text.when, cell: ({ date }) => <span className="nobreak"><Ago at={date} /></span> },
];

/** How a stream fares now; it follows by itself. */
export default function Health() {
  const { stream } = useStream();
  const read = useQuery(streamsHealthQuery());
  const health = read.data?.find(({ id }) => id === stream.id);
  if (read.isError) return <ErrorPanel error={read.error} retry={() => void read.refetch()} />;
  if (health === undefined) return <Skeleton lines={4} height={40} />;
  const { delivered, waiting, oldest_waiting_at: oldest, last_success_at: last, failing_since: failing } = health;
  return (
    <div className="stack">
      {stream.status === 'suspended' && <Notice kind="danger">{text.suspended}</Notice>}
      {stream.status === 'paused' && <Notice>{text.paused}</Notice>}
      {stream.status === 'active' && failing !== null && <Notice kind="danger">{text.failing(showTime(failing))}</Notice>}
      <div className="grid" style={{ '--column': '200px' } as object}>
        <StatTile label={text.state} value={<span style={{ fontSize: 16 }}><State of={stream} health={health} /></span>} />
        <StatTile label={text.delivered} value={showNumber(delivered)} detail={text.deliveredDetail} />
        <StatTile label={text.last} value={<Ago at={last} />} {...(last !== null && { detail: showTime(last) })} />
        <StatTile label={text.waiting} value={showNumber(waiting)} detail={oldest === null ? text.none : text.oldest(showAgo(oldest))} />
      </div>
      <h2>{text.problems}</h2>
      {health.problems.length === 0 ? <p className="muted">{text.noProblems}</p>
        : <DataTable label={text.problems} columns={COLUMNS} rows={health.problems} rowKey={({ date, problem }) => `${date} ${problem}`} sortParam="by" />}
      <p className="muted small">{text.live}</p>
    </div>
  );
}

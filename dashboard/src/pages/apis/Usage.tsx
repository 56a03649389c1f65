// How many tokens were issued and refused for this API.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { tokenStatsQuery, type Interval } from '../../api/extras';
import type { ResourceServer } from '../../api/resourceServers';
import { showNumber } from '../../lib/time';
import { apis as words } from '../../text/apis';
import { ErrorPanel, Segments, Skeleton, StatTile, useSearchParam } from '../../ui';
import { Chart } from '../../ui/Chart';
import { useApi } from './useApi';

type Range = keyof typeof words.usage.ranges;
const RANGES: Record<Range, { hours: number; interval: Interval }> = { day: { hours: 24, interval: 'hour' }, week: { hours: 168, interval: 'hour' }, month: { hours: 720, interval: 'day' } };
const HOUR_MS = 3_600_000;

export default function Usage() {
  const read = useApi();
  return read === undefined ? <Skeleton height={320} /> : <Numbers api={read.value} />;
}

function Numbers({ api }: { api: ResourceServer }) {
  const [text, setRange] = useSearchParam('range', 'day');
  const range: Range = text in RANGES ? (text as Range) : 'day';
  const { hours, interval } = RANGES[range];
  // The end of this hour: the current one is included, and the query is the same for a while.
  const end = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
  const of = useMemo(() => ({ from: new Date(end - hours * HOUR_MS).toISOString(), to: new Date(end).toISOString(), interval, group_by: 'api' as const, audience: api.identifier }), [end, hours, interval, api.identifier]);
  const stats = useQuery({ ...tokenStatsQuery(of), refetchInterval: 30_000, placeholderData: (before) => before });
  if (stats.isError) return <ErrorPanel error={stats.error} retry={() => void stats.refetch()} />;
  const own = stats.data?.series[0];
  const sum = (values: number[] | undefined) => values?.reduce((sum, value) => sum + value, 0) ?? 0;
  const [issued, refused] = [sum(own?.issued), sum(own?.refused)];
  const none = stats.data?.times.map(() => 0) ?? [];
  const series = [
    { label: words.usage.issued, values: own?.issued ?? none, color: 1 as const },
    { label: words.usage.refused, values: own?.refused ?? none, color: 'danger' as const },
  ];
  return (
    <div className="stack">
      <h2 className="sr">{words.tabs.usage}</h2>
      <div className="toolbar"><Segments label={words.usage.range} value={range} onChange={setRange} options={(Object.keys(RANGES) as Range[]).map((value) => ({ value, label: words.usage.ranges[value] }))} /></div>
      {stats.data === undefined ? <Skeleton height={360} /> : (
        <>
          <div className="grid tiles">
            <StatTile label={words.usage.issued} value={showNumber(issued)} detail={words.usage.ranges[range]} />
            <StatTile label={words.usage.refused} value={showNumber(refused)} detail={issued + refused === 0 ? words.usage.noRequests : words.usage.share((100 * refused) / (issued + refused))} />
          </div>
          <p className="muted small">{words.usage.notCounted}</p>
          <div className="card"><div className="body"><Chart label={words.usage.chart} times={stats.data.times} series={series} kind={interval === 'day' ? 'bars' : 'line'} height={260} /></div></div>
        </>
      )}
    </div>
  );
}

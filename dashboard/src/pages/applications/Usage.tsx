// How many tokens the application got, why some were refused, and how many it may have.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { lastUsedQuery, tokenStatsQuery, type Interval } from '../../api/extras';
import { logsQuery } from '../../api/logs';
import { showAgo, showNumber } from '../../lib/time';
import { application } from '../../text/application';
import { ui } from '../../text/ui';
import { ButtonLink, ErrorPanel, Select, Skeleton, StatTile, useSearchParam } from '../../ui';
import { Chart } from '../../ui/Chart';
import { ArrowRight } from '../../ui/icons';
import { reasonOf } from '../logs/explain';
import { Quota } from './Quota';
import { useApplication } from './useApplication';

const text = application.usage;

type Range = keyof typeof text.ranges;
const RANGES: Record<Range, { hours: number; interval: Interval }> = { '24h': { hours: 24, interval: 'hour' }, '7d': { hours: 168, interval: 'hour' }, '30d': { hours: 720, interval: 'day' } };
const sum = (values: number[]) => values.reduce((sum, value) => sum + value, 0);

export default function Usage() {
  const { client, read } = useApplication();
  const [chosen, setRange] = useSearchParam('range', '24h');
  const range: Range = chosen in RANGES ? (chosen as Range) : '24h';
  const { hours, interval } = RANGES[range];
  const [now, setNow] = useState(() => new Date());
  const period = useMemo(() => ({ from: new Date(now.getTime() - hours * 3_600_000).toISOString(), to: now.toISOString() }), [now, hours]);
  const tokens = `client_id:"${client.client_id}" AND type:(seccft OR feccft)`;
  const stats = useQuery({ ...tokenStatsQuery({ ...period, interval, group_by: 'client', client_id: client.client_id }), placeholderData: (before) => before });
  const used = useQuery({ ...lastUsedQuery([client.client_id]), retry: false });
  const own = stats.data?.series[0];
  const series = useMemo(() => [
    { label: text.issued, values: own?.issued ?? [], color: 1 as const },
    { label: text.refused, values: own?.refused ?? [], color: 'danger' as const },
  ], [own]);
  const times = stats.data?.times ?? [];
  const last = used.data?.[client.client_id]?.last_used;
  return (
    <div className="stack loose">
      <div className="row spread">
        <div style={{ width: 220 }}>
          <Select label={text.range} value={range} onChange={(range) => { setNow(new Date()); setRange(range); }} options={(Object.keys(RANGES) as Range[]).map((value) => ({ value, label: text.ranges[value] }))} />
        </div>
        <ButtonLink to="/logs" search={{ q: tokens } as never} icon={ArrowRight}>{text.toLogs}</ButtonLink>
      </div>
      {stats.isPending ? <Skeleton height={300} />
        : stats.isError ? <ErrorPanel error={stats.error} retry={() => void stats.refetch()} />
          : (
            <>
              <div className="grid" style={{ '--column': '180px' } as object}>
                <StatTile label={text.issued} value={showNumber(sum(own?.issued ?? []))} />
                <StatTile label={text.refused} value={showNumber(sum(own?.refused ?? []))} />
                {last !== undefined && <StatTile label={text.lastUsed} value={last === null ? ui.never : showAgo(last)} />}
              </div>
              <p className="muted small">{text.notCounted}</p>
              <h2 className="sr">{text.chart}</h2>
              <div className="card"><div className="body"><Chart label={text.chart} times={times} series={series} /></div></div>
              <Reasons clientId={client.client_id} from={period.from} />
            </>
          )}
      <Quota client={client} etag={read.etag} />
    </div>
  );
}

/** Counted over the newest refusals in the range, each with the way to its events. */
function Reasons({ clientId, from }: { clientId: string; from: string }) {
  const q = `client_id:"${clientId}" AND type:feccft AND date:[${from} TO *]`;
  const refusals = useQuery(logsQuery(q));
  if (refusals.data === undefined) return null;
  const counts = new Map<string, number>();
  for (const event of refusals.data) {
    const reason = reasonOf(event);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, one], [, other]) => other - one).slice(0, 8);
  const most = Math.max(...counts.values(), 1);
  return (
    <section className="card" aria-labelledby="reasons">
      <header><h2 id="reasons">{text.reasons}</h2></header>
      <div className="body stack tight">
        {sorted.length === 0 && <p className="muted">{text.noReasons}</p>}
        {sorted.map(([reason, count]) => (
          <div key={reason}>
            <div className="row spread nowrap"><span className="anywhere">{reason}</span><span className="number strong">{showNumber(count)}</span></div>
            <div aria-hidden style={{ height: 6, borderRadius: 3, background: 'var(--danger)', width: `${(count / most) * 100}%`, minWidth: 6 }} />
          </div>
        ))}
      </div>
    </section>
  );
}

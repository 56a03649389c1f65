import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { TokenStats } from '../../api/extras';
import { signingKeysQuery } from '../../api/keys';
import { can } from '../../auth/me';
import type { Zone } from '../../lib/axis';
import { isRange, stepOf, stretchOf } from '../../lib/range';
import { sum } from '../../lib/stats';
import { ui } from '../../text/ui';
import { usage as text } from '../../text/usage';
import { Button, ButtonLink, EmptyState, ErrorPanel, PageHeader, Segments, Skeleton, useSearchParams } from '../../ui';
import { Chart, type Series } from '../../ui/Chart';
import { Activity } from '../../ui/icons';
import { TimeFilter } from '../../ui/TimeFilter';
import { Reasons } from './Bars';
import { asked, useLatency, useNow, useTokens, useTotals } from './numbers';
import { nameOfReason, queryOfReason } from './reasons';
import { CountTile, LatencyTile, Tile } from './Tiles';
import { Users } from './Users';
import './usage.css';

type Group = keyof typeof text.groups;
const GROUPS = Object.keys(text.groups) as Group[];
const MINUTE = 60_000;

export default function Usage() {
  const [search, setSearch] = useSearchParams();
  const now = useNow(MINUTE);
  const { range = '24h', from, to } = search;
  const stretch = useMemo(() => stretchOf({ range, from, to }, '24h', now), [range, from, to, now]);
  const group = GROUPS.find((name) => name === search['by']) ?? 'client';
  const zone: Zone = search['zone'] === 'utc' ? 'utc' : 'local';
  const isZoomed = from !== undefined || to !== undefined;
  const zoom = (from: Date, to: Date) => setSearch({ from: from.toISOString(), to: to.toISOString() }, { push: true });

  const step = stepOf(stretch);
  // Applications and APIs are counted by the hour only.
  const isFine = step === 'minute';
  const fine = asked(stretch, step);
  const coarse = isFine ? asked(stretch, 'hour') : fine;
  const totals = useTotals(stretch);
  const clients = useTokens(coarse, 'client');
  const apis = useTokens(coarse, 'api', group === 'api');
  const reasons = useTokens(fine, 'reason');
  const latency = useLatency(fine);
  const marks = useKeyMarks();

  const read = { client: clients, api: apis, reason: reasons }[group];
  const isTogether = isFine && group !== 'reason';
  const series = useMemo(() => (isTogether ? outcomeSeries(totals.now.data) : groupSeries(read.data, group)), [isTogether, totals.now.data, read.data, group]);
  const outcomes = useMemo(() => outcomeSeries(totals.now.data), [totals.now.data]);
  const latencies = useMemo(() => latencySeries(latency.data), [latency.data]);
  const bars = useMemo(
    () => (reasons.data?.series ?? []).map(({ key, label, refused }) => ({ key, label: nameOfReason(key, label), count: sum(refused), search: { q: queryOfReason(key), ...(isZoomed ? { from, to } : { range }) } })).filter((bar) => bar.count > 0),
    [reasons.data, isZoomed, from, to, range],
  );
  const charts = { zone, onZoom: (from: Date, to: Date) => zoom(from, endOf(to, step, now)) };
  const isEmpty = totals.now.isSuccess && totals.issued + totals.refused === 0;
  const failed = [totals.now, clients, reasons, latency].find((query) => query.isError);
  const retry = () => { for (const query of [totals.now, clients, reasons, latency]) if (query.isError) void query.refetch(); };
  return (
    <>
      <PageHeader title={text.title} lead={text.lead} />
      <div className="toolbar">
        <TimeFilter range={isZoomed || !isRange(range) ? 'custom' : range} stretch={stretch} onRange={(range) => setSearch({ range, from: undefined, to: undefined }, { push: true })} onStretch={zoom} />
        {isZoomed && <Button onClick={() => setSearch({ from: undefined, to: undefined }, { push: true })}>{text.resetZoom}</Button>}
        <span className="row"><span className="muted small">{text.by}</span><Segments label={text.by} value={group} onChange={(by) => setSearch({ by: by === 'client' ? undefined : by })} options={GROUPS.map((value) => ({ value, label: text.groups[value] }))} /></span>
        <Segments label={ui.zone} value={zone} onChange={(zone) => setSearch({ zone: zone === 'local' ? undefined : zone })} options={(['local', 'utc'] as const).map((value) => ({ value, label: ui.zones[value] }))} />
      </div>
      {failed !== undefined && <ErrorPanel error={failed.error} retry={retry} />}
      {failed !== undefined && totals.now.data === undefined ? null : isEmpty ? (
        <EmptyState icon={Activity} title={text.emptyTitle} actions={<><ButtonLink kind="primary" to="/getting-started">{text.emptyAction}</ButtonLink>{range !== '30d' && <Button onClick={() => setSearch({ range: '30d', from: undefined, to: undefined })}>{text.showAll}</Button>}</>}>
          {text.emptyBody}
        </EmptyState>
      ) : (
        <div className="stack">
          <div className="tiles">
            {totals.now.data === undefined ? <><Tile /><Tile /></> : (
              <>
                <CountTile label={text.tiles.issued} value={totals.issued} before={totals.issuedBefore} />
                <CountTile label={text.tiles.refused} value={totals.refused} before={totals.refusedBefore} of={totals.issued + totals.refused} />
              </>
            )}
            {(['p50', 'p95', 'p99'] as const).map((name) => (latency.data === undefined ? <Tile key={name} /> : <LatencyTile key={name} label={text.tiles[name]} values={latency.data[name]} stats={latency.data} zone={zone} />))}
          </div>
          <div className="usage-wide tall">
            <div className="card body">
              {read.data === undefined || totals.now.data === undefined ? <Skeleton lines={6} height={24} /> : (
                <>
                  <Chart label={text.title2(isTogether ? text.outcome : text.tokensBy[group], text.perStep[step])} times={isTogether ? totals.now.data.times : read.data.times} series={series} marks={marks} height={300} {...charts} />
                  {isTogether && <p className="muted small">{text.byTheHour}</p>}
                </>
              )}
            </div>
            <div className="card body">{reasons.data === undefined ? <Skeleton lines={6} height={24} /> : <Reasons bars={bars} />}</div>
          </div>
          <div className={isTogether ? 'stack' : 'usage-even'}>
            {!isTogether && <div className="card body">{totals.now.data === undefined ? <Skeleton lines={6} height={24} /> : <Chart label={text.title2(text.outcome, text.perStep[step])} times={totals.now.data.times} series={outcomes} marks={marks} {...charts} />}</div>}
            <div className="card body">{latency.data === undefined ? <Skeleton lines={6} height={24} /> : <Chart label={text.title2(text.latency, text.perStep[step])} times={latency.data.times} series={latencies} unit="ms" marks={marks} {...charts} />}</div>
          </div>
          <Users kind={group === 'api' ? 'api' : 'client'} stats={group === 'api' ? apis.data : clients.data} isWhole={isFine} time={isZoomed ? { from, to } : { range }} />
        </div>
      )}
    </>
  );
}

/** A stretch that was chosen ends with its last step, or now. */
const endOf = (to: Date, step: 'minute' | 'hour' | 'day', now: number) => new Date(Math.min(to.getTime() + { minute: MINUTE, hour: 60 * MINUTE, day: 1440 * MINUTE }[step], Math.max(now, to.getTime() + 1)));

/** When the signing key changed, for those who may know. */
function useKeyMarks() {
  const keys = useQuery({ ...signingKeysQuery(), enabled: can('read:signing_keys'), staleTime: 5 * MINUTE });
  return useMemo(() => {
    const since = (keys.data ?? []).flatMap((key) => key.current_since ?? []).sort();
    // The first key is no change.
    return since.slice(1).map((at) => ({ at, label: text.rotated }));
  }, [keys.data]);
}

function groupSeries(stats: TokenStats | undefined, group: Group): Series[] {
  const values = (one: TokenStats['series'][number]) => (group === 'reason' ? one.refused : one.issued);
  return (stats?.series ?? []).filter((one) => sum(values(one)) > 0).map((one) => ({
    label: one.key === 'other' ? text.other : (group === 'reason' ? nameOfReason(one.key, one.label) : one.label) || (group === 'api' ? text.unknownApi : text.unknownClient),
    values: values(one),
    ...(one.key === 'other' && { color: 6 as const }),
  }));
}

const outcomeSeries = (stats: TokenStats | undefined): Series[] => [
  { label: text.issued, values: stats?.series[0]?.issued ?? [], color: 1 },
  { label: text.refused, values: stats?.series[0]?.refused ?? [], color: 'danger' },
];

const latencySeries = (stats: { p50: (number | null)[]; p95: (number | null)[]; p99: (number | null)[] } | undefined): Series[] =>
  (['p50', 'p95', 'p99'] as const).map((name, index) => ({ label: name, values: stats?.[name] ?? [], color: ([3, 1, 4] as const)[index]! }));


import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { clientsQuery } from '../../api/clients';
import { lastUsedQuery } from '../../api/extras';
import { signingKeysQuery } from '../../api/keys';
import { resourceServersQuery } from '../../api/resourceServers';
import { can } from '../../auth/me';
import { stretchOf } from '../../lib/range';
import { sum } from '../../lib/stats';
import { showNumber } from '../../lib/time';
import { environment } from '../../shell/environment';
import { home as text } from '../../text/home';
import { usage as usageText } from '../../text/usage';
import { ErrorPanel, Skeleton, StatTile } from '../../ui';
import { Chart } from '../../ui/Chart';
import { CircleCheck, Info, TriangleAlert } from '../../ui/icons';
import { Reasons } from '../usage/Bars';
import { asked, useLatency, useNow, useTokens, useTotals } from '../usage/numbers';
import { nameOfReason, queryOfReason } from '../usage/reasons';
import { CountTile, LatencyTile, Tile } from '../usage/Tiles';
import { remarks, type Remark } from './attention';
import { Changes } from './Changes';

const MINUTE = 60_000;

/** The last 24 hours: how much, how well, how fast, what to look at, what was changed. */
export function Overview() {
  const now = useNow(MINUTE);
  const stretch = useMemo(() => stretchOf({ range: '24h' }, '24h', now), [now]);
  const totals = useTotals(stretch);
  const reasons = useTokens(asked(stretch, 'hour'), 'reason');
  const latency = useLatency(asked(stretch, 'hour'));
  const { clients, used } = useClients();
  const data = totals.now.data;
  const outcomes = useMemo(() => [
    { label: usageText.issued, values: data?.series[0]?.issued ?? [], color: 1 as const },
    { label: usageText.refused, values: data?.series[0]?.refused ?? [], color: 'danger' as const },
  ], [data]);
  const latencies = useMemo(() => (['p50', 'p95'] as const).map((name, index) => ({ label: name, values: latency.data?.[name] ?? [], color: ([3, 1] as const)[index]! })), [latency.data]);
  const bars = useMemo(() => (reasons.data?.series ?? []).map(({ key, label, refused }) => ({ key, label: nameOfReason(key, label), count: sum(refused), search: { q: queryOfReason(key) } })).filter((bar) => bar.count > 0).slice(0, 6), [reasons.data]);
  const failed = [totals.now, reasons, latency].find((query) => query.isError);
  const active = Object.values(used ?? {}).filter((one) => one.issued_24h > 0).length;
  const isLost = failed !== undefined && data === undefined;
  const isQuiet = data !== undefined && totals.issued + totals.refused === 0;
  return (
    <section className="stack" aria-labelledby="overview">
      <div className="row spread"><h2 id="overview">{text.overview}</h2><Link to="/usage">{text.allUsage}</Link></div>
      {failed !== undefined && <ErrorPanel error={failed.error} retry={() => void failed.refetch()} />}
      {!isLost && !isQuiet && <p className="muted small">{text.notCounted}</p>}
      {!isLost && <div className="tiles four">
        {data === undefined ? <Tile /> : <CountTile label={usageText.tiles.issued} value={totals.issued} before={totals.issuedBefore} />}
        {data === undefined ? <Tile /> : <CountTile label={usageText.tiles.refused} value={totals.refused} before={totals.refusedBefore} />}
        {latency.data === undefined ? <Tile /> : <LatencyTile label={usageText.tiles.p95} values={latency.data.p95} stats={latency.data} zone="local" />}
        {used === undefined ? <Tile /> : <StatTile label={text.active} value={showNumber(active)} detail={text.activeOf(showNumber(clients.length))} />}
      </div>}
      {!isLost && <div className="usage-wide">
        <div className="card body">
          {data === undefined ? <Skeleton lines={6} height={24} /> : isQuiet ? <p className="muted">{text.nothingYet}</p> : <Chart label={text.perHour} times={data.times} series={outcomes} height={240} />}
        </div>
        <Attention>{<Remarks clients={clients} used={used} reasons={reasons.data} latency={latency.data} now={now} />}</Attention>
      </div>}
      {!isQuiet && !isLost && (
        <div className="usage-even">
          <div className="card body">{reasons.data === undefined ? <Skeleton lines={6} height={24} /> : <Reasons bars={bars} />}</div>
          <div className="card body">{latency.data === undefined ? <Skeleton lines={6} height={24} /> : <Chart label={text.latency} times={latency.data.times} series={latencies} unit="ms" height={200} />}</div>
        </div>
      )}
      {can('read:logs') && <Changes />}
    </section>
  );
}

/** The first hundred applications and how they were used. */
function useClients() {
  const clients = useQuery({ ...clientsQuery(), enabled: can('read:clients') });
  const ids = useMemo(() => (clients.data ?? []).map((client) => client.client_id), [clients.data]);
  const used = useQuery({ ...lastUsedQuery(ids), refetchInterval: 30_000 });
  return { clients: clients.data ?? [], used: used.data ?? (clients.data?.length === 0 ? {} : undefined) };
}

const Attention = ({ children }: { children: ReactNode }) => (
  <section className="card" aria-labelledby="attention">
    <header><h3 id="attention">{text.attention}</h3></header>
    <div className="body">{children}</div>
  </section>
);

function Remarks({ now, ...of }: Pick<Parameters<typeof remarks>[0], 'clients' | 'reasons' | 'latency' | 'now'> & { used: Parameters<typeof remarks>[0]['used'] | undefined }) {
  const keys = useQuery({ ...signingKeysQuery(), enabled: can('read:signing_keys'), staleTime: 5 * MINUTE });
  const apis = useQuery({ ...resourceServersQuery(), enabled: can('read:resource_servers') });
  const tag = useSyncExternalStore(environment.subscribe, environment.now);
  if (of.used === undefined || of.reasons === undefined || of.latency === undefined) return <Skeleton lines={3} height={20} />;
  const found = remarks({ ...of, used: of.used, keys: keys.data ?? [], identifiers: (apis.data ?? []).map((api) => api.identifier), environment: tag, now });
  if (found.length === 0) return <p className="row nowrap"><CircleCheck className="icon text-success" size={16} aria-hidden />{text.calm}</p>;
  return <ul className="remarks">{found.map((remark) => <One key={remark.key} remark={remark} />)}</ul>;
}

function One({ remark }: { remark: Remark }) {
  const Icon = remark.kind === 'warning' ? TriangleAlert : Info;
  return (
    <li>
      <Icon className={`icon ${remark.kind === 'warning' ? 'text-warning' : 'muted'}`} size={16} aria-hidden />
      <span className="sr">{text.severities[remark.kind]}: </span>
      <Link to={remark.to as '/logs'} {...(remark.search && { search: remark.search as never })} className="anywhere">{remark.words}</Link>
    </li>
  );
}

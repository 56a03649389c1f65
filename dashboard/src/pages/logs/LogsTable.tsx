import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { basePath } from '../../api/config';
import { ApiError } from '../../api/http';
import { logStatsQuery, type LogEvent } from '../../api/logs';
import { queryClient } from '../../api/query';
import { allOf } from '../../lib/lucene';
import { isRange } from '../../lib/range';
import { showNumber, showTime } from '../../lib/time';
import { logs as text } from '../../text/logs';
import { ui } from '../../text/ui';
import { Button, ButtonLink, EmptyState, ErrorPanel, Skeleton, useSearchParam } from '../../ui';
import { arrival } from '../../ui/arrival';
import { ScrollText } from '../../ui/icons';
import { EventDrawer } from './EventDrawer';
import { unique, useEvents, useLive } from './events';
import { useFilter, type FilterChange, type Fixed, type LogFilter } from './filter';
import { Histogram } from './Histogram';
import { Rows, type RowsHandle } from './Rows';
import { Acts, Chips, Outcomes, Toolbar } from './Toolbar';
import './logs.css';

const NONE: LogEvent[] = [];
const BUCKETS = 60;
const FOLLOW_MS = 5_000;
const DAY = 86_400_000;

/**
 * The log with its filter, its histogram and the drawer of one event. A page about one application says
 * `<LogsTable fixed={{ client_id }} />`: then the filter by application and its column are left out. Everything stands in
 * the address, as `q`, `is`, `client`, `range` or `from` and `to`, and `live`; the open event as `event`, unless
 * `hasPath` says that it is the address `/logs/{id}`, of which `opened` is the event. With `header` the page puts the
 * buttons for Live and export into its own.
 */
export function LogsTable({ fixed = {}, hasPath = false, opened, header }: {
  fixed?: Fixed;
  hasPath?: boolean;
  opened?: string | undefined;
  header?: (acts: ReactNode) => ReactNode;
}) {
  const { filter, change, refresh } = useFilter(fixed);
  const [event, setEvent] = useSearchParam('event');
  const openId = hasPath ? opened : event === '' ? undefined : event;
  const rows = useRef<RowsHandle>(null);
  const list = useEvents(filter.query, filter.from, filter.to);
  const { arrived, state } = useLive(filter.query, filter.isLive && list.isSuccess, list.events?.[0]?.log_id);
  const events = useMemo(() => (arrived.length === 0 ? (list.events ?? NONE) : unique([...arrived, ...(list.events ?? NONE)])), [arrived, list.events]);
  const liveEnd = useLiveEnd(filter.isLive, arrived.length);
  const end = filter.stretch.isOpen ? Math.max(filter.stretch.to.getTime(), liveEnd) : filter.stretch.to.getTime();
  const stats = useQuery({
    ...logStatsQuery({ q: filter.queryOfAll, from: filter.from, to: new Date(end).toISOString(), buckets: BUCKETS }),
    placeholderData: keepPreviousData,
  });

  const navigate = useNavigate();
  const { pathname, search } = useRouterState({ select: (state) => ({ pathname: state.location.pathname, search: state.location.searchStr }), structuralSharing: true });
  const hrefOf = useCallback(
    (id: string) => (hasPath ? `${basePath}/logs/${id}${search}` : `${basePath}${pathname}?${new URLSearchParams([...[...new URLSearchParams(search)].filter(([name]) => name !== 'event'), ['event', id]])}`),
    [hasPath, pathname, search],
  );
  const go = useCallback((id: string | undefined, replace: boolean) => {
    if (!hasPath) return setEvent(id ?? '');
    arrival.stay();
    void navigate({ to: id === undefined ? '/logs' : '/logs/$logId', params: { logId: id }, search: true, replace, resetScroll: false } as never);
  }, [hasPath, navigate, setEvent]);
  const open = useCallback((id: string) => go(id, false), [go]);
  const move = useCallback((id: string) => go(id, true), [go]);
  const lastOpen = useRef(openId);
  if (openId !== undefined) lastOpen.current = openId;
  const returnTo = () => {
    if (lastOpen.current !== undefined) rows.current?.focus(lastOpen.current);
    return document.activeElement instanceof HTMLElement ? document.activeElement : null;
  };
  const filterBy = ({ add, ...changed }: FilterChange & { add?: string }) => {
    if (openId !== undefined) go(undefined, true);
    // What is added is looked for in the same stretch; the address has it a moment later.
    setTimeout(() => change({ ...changed, ...(add !== undefined && { q: filter.applied.includes(add) ? filter.applied : allOf(filter.applied, add) }) }), 0);
  };

  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  // Whoever walks through the drawer comes to the end of the list too.
  useEffect(() => {
    if (openId !== undefined && events.at(-1)?.log_id === openId) more();
  }, [openId, events, more]);
  const again = () => {
    refresh();
    void queryClient.invalidateQueries({ queryKey: ['logs', 'stats'] });
  };
  const refused = list.error instanceof ApiError && list.error.statusCode === 400 ? list.error.message : undefined;
  const isFailed = list.isError && refused === undefined && events.length === 0;
  const acts = <Acts {...{ filter, change, state }} refresh={again} isBusy={list.isFetching} />;
  return (
    <div className="logs stack">
      {header?.(acts)}
      <Toolbar {...{ filter, change, fixed, refused }}>{header === undefined && acts}</Toolbar>
      <Chips {...{ filter, change }} />
      {stats.isError && refused === undefined ? <ErrorPanel error={stats.error} retry={() => void stats.refetch()} />
        : <Histogram stats={stats.data} shown={filter.outcomes} onZoom={(from, to) => change({ from, to, live: false })} actions={<Outcomes {...{ filter, change }} totals={stats.data?.totals} />} />}
      {isFailed ? <ErrorPanel error={list.error} retry={() => void list.refetch()} />
        : list.events === undefined && refused === undefined ? <div className="log-rows"><div className="log-wait"><Skeleton lines={12} height={24} /></div></div>
          : events.length === 0 ? <Nothing filter={filter} change={change} isRefused={refused !== undefined} />
            : (
              <Rows
                ref={rows} events={events} hrefOf={hrefOf} onOpen={open} openId={openId} showsClient={fixed.client_id === undefined} onEnd={more} isOld={list.isOld}
                footer={isFetchNextPageError ? <span className="row">{text.moreFailed}<Button small onClick={() => void fetchNextPage()}>{text.loadMore}</Button></span>
                  : hasNextPage ? text.loadingMore : text.end(showNumber(events.length))}
              />
            )}
      <p className="sr" role="status">{list.isFetching ? '' : text.countShown(showNumber(events.length), hasNextPage)}</p>
      <EventDrawer
        id={openId} events={events} isOfOne={fixed.client_id !== undefined} path={(id) => `${basePath}/logs/${id}`} onMove={move} onFilter={filterBy} returnTo={returnTo}
        onClose={() => go(undefined, hasPath ? false : true)}
      />
    </div>
  );
}

/** Until when the numbers go: it follows the events that arrive, every few seconds. */
function useLiveEnd(isLive: boolean, count: number): number {
  const [end, setEnd] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (!isLive || count === 0 || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      setEnd(Date.now());
    }, Math.max(FOLLOW_MS - (Date.now() - end), 500));
  }, [isLive, count, end]);
  useEffect(() => () => {
    clearTimeout(timer.current);
    timer.current = undefined;
  }, [isLive]);
  return end;
}

function spoken({ range, stretch }: LogFilter): string {
  return isRange(range) ? ui.ranges[range] : `${showTime(stretch.from)} – ${showTime(stretch.to)}`;
}

function Nothing({ filter, change, isRefused }: { filter: LogFilter; change: (change: FilterChange) => void; isRefused: boolean }) {
  const isFiltered = filter.applied !== '' || filter.outcomes.length > 0 || filter.client !== undefined || isRefused;
  const isLong = filter.stretch.isOpen && Date.now() - filter.stretch.from.getTime() >= 29 * DAY;
  if (!isFiltered && isLong) {
    return <EmptyState icon={ScrollText} title={text.emptyTitle} actions={<ButtonLink to="/getting-started" kind="primary">{text.emptyAction}</ButtonLink>}>{text.emptyBody}</EmptyState>;
  }
  return (
    <EmptyState
      icon={ScrollText} title={text.noneTitle}
      actions={<>
        {!isLong && <Button onClick={() => change({ range: '30d' })}>{text.noneWiden}</Button>}
        {isFiltered && <Button onClick={() => change({ q: '', is: [], client: undefined })}>{text.clearAll}</Button>}
      </>}
    >
      {text.noneBody(spoken(filter))}
    </EmptyState>
  );
}

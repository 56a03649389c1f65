// What the pages about usage read: the stretch they look at, in whole steps, and the numbers in it.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { latencyQuery, tokenStatsQuery, type Interval } from '../../api/extras';
import { before, stepOf, type Stretch } from '../../lib/range';
import { sum } from '../../lib/stats';

const STEP_MS: Record<Interval, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const FRESH_MS = 15_000;

/** The time, anew every so often. */
export function useNow(every: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

export type Asked = { from: string; to: string; interval: Interval; isOpen: boolean };

/** A stretch in whole steps, the current one included, so that what is asked stays the same for a while. */
export function asked(stretch: Stretch, interval: Interval = stepOf(stretch)): Asked {
  const step = STEP_MS[interval];
  const whole = (time: number, round: (value: number) => number) => new Date(round(time / step) * step).toISOString();
  return { from: whole(stretch.from.getTime(), Math.floor), to: whole(stretch.to.getTime(), Math.ceil), interval, isOpen: stretch.isOpen };
}

export function useTokens({ isOpen, ...of }: Asked, group: 'none' | 'client' | 'api' | 'reason', enabled = true) {
  return useQuery({ ...tokenStatsQuery({ ...of, group_by: group }), placeholderData: keepPreviousData, enabled, ...(isOpen && { refetchInterval: FRESH_MS }) });
}

export function useLatency({ isOpen, ...of }: Asked) {
  return useQuery({ ...latencyQuery(of), placeholderData: keepPreviousData, ...(isOpen && { refetchInterval: FRESH_MS }) });
}

/** How many there were in a stretch, and in the one of the same length before. */
export function useTotals(stretch: Stretch) {
  const interval = stepOf(stretch);
  const now = useTokens(asked(stretch, interval), 'none');
  const earlier = useTokens({ ...asked({ ...before(stretch), isOpen: false }, interval), isOpen: false }, 'none');
  const [one, other] = [now.data?.series[0], earlier.data?.series[0]];
  return useMemo(() => ({
    now, earlier,
    issued: sum(one?.issued ?? []), refused: sum(one?.refused ?? []),
    issuedBefore: other && sum(other.issued), refusedBefore: other && sum(other.refused),
  }), [now, earlier, one, other]);
}

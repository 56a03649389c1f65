import type { LatencyStats } from '../../api/extras';
import { showIn, type Zone } from '../../lib/axis';
import { meanOf, percentSince, placeOfMost } from '../../lib/stats';
import { showNumber } from '../../lib/time';
import { usage as text } from '../../text/usage';
import { Skeleton, StatTile } from '../../ui';
import { withUnit } from '../../ui/Chart';

/** A number of tokens, and how it has changed. */
export function CountTile({ label, value, before, of }: { label: string; value: number; before: number | undefined; of?: number }) {
  const percent = before === undefined ? undefined : percentSince(value, before);
  const share = of === undefined || of === 0 ? undefined : text.share(((100 * value) / of).toLocaleString('en-GB', { maximumFractionDigits: 1 }));
  // Of next to nothing a percentage says nothing.
  const change = before === undefined ? undefined : percent === undefined ? text.sinceNothing : percent > 999 ? text.sinceFew(showNumber(before)) : text.since(percent);
  return <StatTile label={label} value={showNumber(value)} detail={[share, change].filter(Boolean).join(' · ') || ' '} />;
}

/** A percentile over the whole stretch: the mean of its intervals, and the worst of them. */
export function LatencyTile({ label, values, stats, zone }: { label: string; values: (number | null)[]; stats: LatencyStats; zone: Zone }) {
  const mean = meanOf(values, stats.count);
  const worst = placeOfMost(values);
  return (
    <StatTile
      label={label} value={<span title={text.mean}>{mean === undefined ? '–' : withUnit(mean, 'ms')}</span>}
      detail={worst === undefined ? text.noLatency : text.worst(withUnit(values[worst]!, 'ms'), showIn(zone, 'exact', stats.times[worst]!))}
    />
  );
}

/** Where a number will be. */
export const Tile = () => <div className="stat"><Skeleton lines={3} height={18} /></div>;

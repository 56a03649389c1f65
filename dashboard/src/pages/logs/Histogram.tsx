import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { LogStats } from '../../api/logs';
import { showIn } from '../../lib/axis';
import { showNumber } from '../../lib/time';
import { logs as text } from '../../text/logs';
import { ChartFrame } from '../../ui/ChartFrame';
import type { Outcome } from './filter';

const UP = 44;
const DOWN = 22;

/**
 * How many events there were when: successes above the line, warnings and errors below it. A stretch that is dragged, or
 * chosen with Shift and arrows, is told to `onZoom`.
 */
export function Histogram({ stats, shown, onZoom, actions }: {
  stats: LogStats | undefined;
  /** The outcomes that the list shows; the others are drawn faintly. */
  shown: Outcome[];
  onZoom: (from: Date, to: Date) => void;
  actions: React.ReactNode;
}) {
  const buckets = stats?.buckets ?? [];
  const head = [text.columns.time, text.outcomes.success, text.outcomes.warning, text.outcomes.error];
  const rows = (show: (time: string) => string) => ({ head, rows: buckets.map((bucket) => [show(bucket.start), bucket.success, bucket.warning, bucket.error]) });
  const { success, warning, error } = stats?.totals ?? { success: 0, warning: 0, error: 0 };
  return (
    <div className="log-histogram">
      <ChartFrame
        label={text.histogram} actions={actions}
        summary={stats === undefined ? '' : text.histogramSummary(showNumber(success), showNumber(warning), showNumber(error), showIn('local', 'exact', stats.from), showIn('local', 'exact', stats.to))}
        table={() => rows((time) => showIn('local', 'full', time))} csv={() => rows((time) => time)}
      >
        <Columns stats={stats} shown={shown} onZoom={onZoom} />
      </ChartFrame>
    </div>
  );
}

function Columns({ stats, shown, onZoom }: { stats: LogStats | undefined; shown: Outcome[]; onZoom: (from: Date, to: Date) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<number>();
  const [anchor, setAnchor] = useState<number>();
  const buckets = stats?.buckets ?? [];
  const last = buckets.length - 1;
  const at = cursor !== undefined && cursor <= last ? cursor : undefined;
  const end = stats === undefined ? 0 : new Date(stats.to).getTime();
  const startOf = (index: number) => new Date(buckets[index]!.start);
  const endOf = (index: number) => new Date(Math.min(startOf(index).getTime() + (stats?.interval_ms ?? 0), end));
  const stretch = anchor === undefined || at === undefined ? undefined : ([Math.min(anchor, at), Math.max(anchor, at)] as const);
  const zoom = () => {
    if (stretch === undefined) return;
    setAnchor(undefined);
    setCursor(undefined);
    onZoom(startOf(stretch[0]), endOf(stretch[1]));
  };
  const indexAt = (event: PointerEvent) => {
    const { left, width } = box.current!.getBoundingClientRect();
    return Math.min(Math.max(Math.floor(((event.clientX - left) / width) * buckets.length), 0), last);
  };
  const onKey = (event: KeyboardEvent) => {
    const to = { ArrowRight: (at ?? -1) + 1, ArrowLeft: (at ?? last + 1) - 1, Home: 0, End: last }[event.key];
    if (to !== undefined && last >= 0) {
      event.preventDefault();
      const next = Math.min(Math.max(to, 0), last);
      setAnchor(event.shiftKey ? (anchor ?? at ?? next) : undefined);
      setCursor(next);
    } else if (event.key === 'Enter') zoom();
    else if (event.key === 'Escape' && anchor !== undefined) {
      event.stopPropagation();
      setAnchor(undefined);
    }
  };
  const bars = useMemo(() => <Bars stats={stats} shown={shown} />, [stats, shown]);
  const reading = stretch !== undefined && stretch[0] !== stretch[1] ? text.stretch(showIn('local', 'full', startOf(stretch[0])), showIn('local', 'full', endOf(stretch[1])))
    : at === undefined ? text.histogramHint
      : text.bucket(showIn('local', 'full', startOf(at)), ...(['success', 'warning', 'error'] as const).map((outcome) => showNumber(buckets[at]![outcome])) as [string, string, string]);
  return (
    <>
      <div
        ref={box} className="log-columns" role="application" aria-roledescription="chart" aria-label={text.histogram} aria-description={text.histogramKeys} tabIndex={0}
        onKeyDown={onKey} onBlur={() => { setAnchor(undefined); setCursor(undefined); }}
        onPointerDown={(event) => {
          if (event.button !== 0 || last < 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setAnchor(indexAt(event));
          setCursor(indexAt(event));
        }}
        onPointerMove={(event) => { if (last >= 0) setCursor(indexAt(event)); }}
        onPointerUp={() => { if (stretch !== undefined && stretch[0] !== stretch[1]) zoom(); else setAnchor(undefined); }}
        onPointerLeave={() => { if (anchor === undefined) setCursor(undefined); }}
      >
        {bars}
        {at !== undefined && stretch === undefined && <span className="log-cursor" style={{ left: `${(at / buckets.length) * 100}%`, width: `${100 / buckets.length}%` }} />}
        {stretch !== undefined && <span className="log-brush" style={{ left: `${(stretch[0] / buckets.length) * 100}%`, width: `${((stretch[1] - stretch[0] + 1) / buckets.length) * 100}%` }} />}
      </div>
      <div className="row spread log-under">
        <span className="nobreak">{stats === undefined ? '' : showIn('local', 'exact', stats.from)}</span>
        <span className="reading" aria-live="polite">{reading}</span>
        <span className="nobreak">{stats === undefined ? '' : showIn('local', 'exact', stats.to)}</span>
      </div>
    </>
  );
}

/** One scale for both sides, so that columns can be compared; what is there is at least seen. */
function Bars({ stats, shown }: { stats: LogStats | undefined; shown: Outcome[] }) {
  const buckets = stats?.buckets ?? [];
  const most = Math.max(...buckets.map((bucket) => bucket.success), 1);
  const mostBelow = Math.max(...buckets.map((bucket) => bucket.warning + bucket.error), 1);
  const scale = Math.min(UP / most, DOWN / mostBelow);
  const tall = (count: number) => (count === 0 ? 0 : Math.max(count * scale, 3));
  const faint = (outcome: Outcome) => (shown.length === 0 || shown.includes(outcome) ? 1 : 0.25);
  return (
    <svg viewBox={`0 0 ${Math.max(buckets.length, 1) * 10} ${UP + DOWN}`} preserveAspectRatio="none" width="100%" height={UP + DOWN} aria-hidden>
      {buckets.map((bucket, index) => {
        const [success, error, warning] = [tall(bucket.success), Math.min(tall(bucket.error), DOWN), tall(bucket.warning)];
        return (
          <g key={bucket.start}>
            {success > 0 && <rect className="log-success" x={index * 10 + 1} y={UP - success} width={8} height={success} opacity={faint('success')} />}
            {error > 0 && <rect className="log-error" x={index * 10 + 1} y={UP + 1} width={8} height={error} opacity={faint('error')} />}
            {warning > 0 && <rect className="log-warning" x={index * 10 + 1} y={UP + 1 + error} width={8} height={Math.min(warning, DOWN - error)} opacity={faint('warning')} />}
          </g>
        );
      })}
      <line x1={0} x2={Math.max(buckets.length, 1) * 10} y1={UP + 0.5} y2={UP + 0.5} stroke="currentColor" strokeWidth={1} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

import { lazy, Suspense } from 'react';
import { showAmount, showIn, type Zone } from '../lib/axis';
import { ui } from '../text/ui';
import { ChartFrame } from './ChartFrame';
import { DASHES, markerPath } from './shapes';
import { Skeleton } from './states';

export type Series = {
  label: string;
  values: (number | null)[];
  /** Place among the six chart colours; `danger`, `success` and `warning` for what went wrong, well, or half. */
  color?: 1 | 2 | 3 | 4 | 5 | 6 | 'danger' | 'success' | 'warning';
};

/** Something that happened at a time, drawn as a line from top to bottom. */
export type Mark = { at: string | number; label: string };

export type PlotProps = {
  label: string;
  times: (string | number)[];
  series: Series[];
  kind?: 'line' | 'bars';
  stacked?: boolean;
  unit?: string;
  height?: number;
  zone?: Zone;
  marks?: Mark[];
  onZoom?: ((from: Date, to: Date) => void) | undefined;
};

const Plot = lazy(() => import('./Plot'));

/** The colour of a series as a custom property. */
export const colorOf = (color: Series['color'], index: number): string => (typeof color === 'string' ? `--${color}` : `--chart-${color ?? (index % 6) + 1}`);

/** A value with its unit. */
export const withUnit = (value: number | null, unit: string): string => (value === null ? '–' : `${showAmount(value)}${unit === '' ? '' : ` ${unit}`}`);

const NONE: Mark[] = [];

/**
 * Series over time. Everything it shows can also be read: a summary, a table, and the value under the pointer or, with
 * the arrow keys, under the cursor. `onZoom` is told a range that was dragged, or chosen with Shift and arrows.
 */
export function Chart({ label, times, series, kind = 'line', stacked = false, unit = '', height = 220, zone = 'local', marks = NONE, onZoom }: PlotProps) {
  const isEmpty = series.every(({ values }) => values.every((value) => value === null || value === 0));
  const shownMarks = marks.filter(({ at }) => inside(at, times));
  const head = [ui.time, ...series.map((one) => one.label)];
  const rows = (show: (time: string | number) => string) => ({ head, rows: times.map((time, row) => [show(time), ...series.map((one) => one.values[row] ?? '–')]) });
  return (
    <ChartFrame
      label={label}
      summary={isEmpty ? ui.chartEmpty : [...series.map((one) => summary(one, times, unit, zone)), ...shownMarks.map((mark) => `${mark.label}: ${showIn(zone, 'exact', mark.at)}.`)].join(' ')}
      table={() => rows((time) => showIn(zone, 'full', time))}
      csv={() => rows((time) => new Date(time).toISOString())}
      legend={<Legend series={series} marks={shownMarks} lines={kind === 'line' && !stacked} />}
    >
      {isEmpty ? <div className="chart-empty" style={{ height: height + 26 }}>{ui.chartEmpty}</div> : (
        <Suspense fallback={<div style={{ height: height + 26 }}><Skeleton height={height} /></div>}>
          <Plot {...{ label, times, series, kind, stacked, unit, height, zone, onZoom }} marks={shownMarks} />
        </Suspense>
      )}
    </ChartFrame>
  );
}

/** Whether it happened between the first time and the end of the last step. */
function inside(at: string | number, times: (string | number)[]): boolean {
  const [first, second, last] = [times[0], times[1], times.at(-1)].map((time) => (time === undefined ? Number.NaN : new Date(time).getTime()));
  const when = new Date(at).getTime();
  return when >= first! && when < last! + (second! - first! || 0);
}

function summary({ label, values }: Series, times: (string | number)[], unit: string, zone: Zone): string {
  const known = values.map((value) => value ?? 0);
  const peak = Math.max(...known, 0);
  const at = times[Math.max(known.indexOf(peak), 0)];
  const when = at === undefined ? '' : showIn(zone, 'exact', at);
  // Counts add up; what has a unit, such as milliseconds, does not.
  return unit === '' ? ui.chartSummary(label, showAmount(known.reduce((sum, value) => sum + value, 0)), showAmount(peak), when) : ui.chartPeak(label, withUnit(peak, unit), when);
}

function Legend({ series, marks, lines }: { series: Series[]; marks: Mark[]; lines: boolean }) {
  return (
    <ul className="legend">
      {series.map((one, index) => (
        <li key={one.label}>
          <svg width={28} height={12} aria-hidden style={{ color: `var(${colorOf(one.color, index)})` }}>
            {lines ? (
              <>
                <line x1={0} y1={6} x2={28} y2={6} stroke="currentColor" strokeWidth={2} strokeDasharray={DASHES[index % DASHES.length]!.join(' ')} />
                <path d={markerPath(index, 14, 6, 3.5)} fill="currentColor" />
              </>
            ) : <rect x={6} y={1} width={16} height={10} rx={2} fill="currentColor" />}
          </svg>
          {one.label}
        </li>
      ))}
      {marks.length > 0 && <li><svg width={28} height={12} aria-hidden><line x1={14} y1={0} x2={14} y2={12} stroke="currentColor" strokeWidth={2} strokeDasharray="2 2" /></svg>{[...new Set(marks.map((mark) => mark.label))].join(', ')}</li>}
    </ul>
  );
}

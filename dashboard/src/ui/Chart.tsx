import { useEffect, useId, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';
import { showNumber, showTime } from '../lib/time';
import { ui } from '../text/ui';
import { Button } from './Button';
import { download } from './download';
import { currentTheme, subscribeTheme } from './theme';
import { Skeleton } from './states';

export type Series = {
  label: string;
  values: (number | null)[];
  /** Place among the six chart colours; `danger`, `success` and `warning` for what went wrong, well, or half. */
  color?: 1 | 2 | 3 | 4 | 5 | 6 | 'danger' | 'success' | 'warning';
};

const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3], [], [6, 4]];
const variable = (color: Series['color'], index: number) => (typeof color === 'string' ? `--${color}` : `--chart-${color ?? (index % 6) + 1}`);

/**
 * Series over time. Everything it shows can also be read: a summary, a table, and the value under the pointer or, with
 * the arrow keys, under the cursor. `onZoom` is told a range that was dragged, or chosen with Shift and arrows.
 */
export function Chart({ label, times, series, kind = 'line', stacked = false, unit = '', height = 220, onZoom }: {
  label: string;
  times: (string | number)[];
  series: Series[];
  kind?: 'line' | 'bars';
  stacked?: boolean;
  unit?: string;
  height?: number;
  onZoom?: (from: Date, to: Date) => void;
}) {
  const [isTable, setTable] = useState(false);
  const id = useId();
  const isEmpty = series.every(({ values }) => values.every((value) => value === null || value === 0));
  return (
    <figure className="chart stack tight" aria-labelledby={`${id}t`}>
      <figcaption className="row spread">
        <h3 id={`${id}t`}>{label}</h3>
        <div className="row">
          <Button small kind="quiet" onClick={() => setTable(!isTable)}>{isTable ? ui.showChart : ui.showTable}</Button>
          <Button small kind="quiet" onClick={() => download(`${label}.csv`, csv(times, series))}>{ui.csv}</Button>
        </div>
      </figcaption>
      <p className="sr">{isEmpty ? ui.chartEmpty : series.map((one) => summary(one, times, unit)).join(' ')}</p>
      {isTable ? <Table label={label} times={times} series={series} />
        : <Plot {...{ label, times, series, kind, stacked, unit, height }} {...(onZoom !== undefined && { onZoom })} />}
      <ul className="legend">
        {series.map((one, index) => (
          <li key={one.label}><span className={`swatch ${index % 3 === 1 ? 'dashed' : index % 3 === 2 ? 'dotted' : ''}`} style={{ '--color': `var(${variable(one.color, index)})` } as object} />{one.label}</li>
        ))}
      </ul>
      {isEmpty && <p className="muted small">{ui.chartEmpty}</p>}
    </figure>
  );
}

function summary({ label, values }: Series, times: (string | number)[], unit: string): string {
  const known = values.map((value) => value ?? 0);
  const peak = Math.max(...known, 0);
  const total = known.reduce((sum, value) => sum + value, 0);
  const show = (value: number) => `${showNumber(Math.round(value * 100) / 100)}${unit === '' ? '' : ` ${unit}`}`;
  return ui.chartSummary(label, show(total), show(peak), times.length === 0 ? '' : showTime(times[Math.max(known.indexOf(peak), 0)]!));
}

function Table({ label, times, series }: { label: string; times: (string | number)[]; series: Series[] }) {
  return (
    <div className="scroll-x virtual" role="region" aria-label={label} tabIndex={0} style={{ maxHeight: 320 }}>
      <table className="plain">
        <thead><tr><th scope="col">{ui.time}</th>{series.map((one) => <th key={one.label} scope="col" className="end">{one.label}</th>)}</tr></thead>
        <tbody>
          {times.map((time, row) => (
            <tr key={row}><td className="nobreak">{showTime(time)}</td>{series.map((one) => <td key={one.label} className="end number">{one.values[row] ?? '–'}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Plot({ label, times, series, kind, stacked, unit, height, onZoom }: {
  label: string; times: (string | number)[]; series: Series[]; kind: 'line' | 'bars'; stacked: boolean; unit: string; height: number; onZoom?: (from: Date, to: Date) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  const [isReady, setReady] = useState(false);
  const [theme, setTheme] = useState(currentTheme());
  const [cursor, setCursor] = useState<number>();
  const [mark, setMark] = useState<number>();
  useEffect(() => subscribeTheme(() => setTheme(currentTheme())), []);
  const seconds = useMemo(() => times.map((time) => new Date(time).getTime() / 1000), [times]);
  const drawn = useMemo(() => (stacked ? stack(series) : series.map((one) => one.values)), [series, stacked]);

  useEffect(() => {
    let isGone = false;
    let made: uPlot | undefined;
    let observer: ResizeObserver | undefined;
    void Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]).then(([{ default: UPlot }]) => {
      const element = box.current;
      if (isGone || element === null) return;
      const style = getComputedStyle(document.documentElement);
      const color = (name: string) => style.getPropertyValue(name).trim();
      const axis = { stroke: color('--muted'), grid: { stroke: color('--line'), width: 1 }, ticks: { stroke: color('--line'), width: 1, size: 4 }, font: '12px system-ui, sans-serif' };
      const order = stacked ? series.map((_, index) => index).reverse() : series.map((_, index) => index);
      made = new UPlot(
        {
          width: element.clientWidth, height, padding: [8, 8, 0, 0],
          legend: { show: false },
          cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
          scales: { y: { range: (_plot, _least, most) => [0, Math.max(most * 1.1, 1)] } },
          axes: [axis, { ...axis, size: 54, values: (_plot, ticks) => ticks.map((tick) => `${showNumber(tick)}${unit === '' ? '' : ` ${unit}`}`) }],
          series: [{}, ...order.map((index) => {
            const stroke = color(variable(series[index]!.color, index));
            return {
              label: series[index]!.label, stroke, width: 2, dash: kind === 'line' && !stacked ? DASHES[index % 6]! : [],
              points: { show: seconds.length < 3 }, spanGaps: true,
              ...(kind === 'bars' ? { paths: UPlot.paths.bars!({ size: [0.7, 40] }), fill: stroke, width: 0 } : stacked ? { fill: `${stroke}40` } : {}),
            };
          })],
          hooks: {
            setCursor: [(plot) => setCursor(plot.cursor.idx ?? undefined)],
            setSelect: [(plot) => {
              if (plot.select.width < 4) return;
              zoom.current?.(new Date(plot.posToVal(plot.select.left, 'x') * 1000), new Date(plot.posToVal(plot.select.left + plot.select.width, 'x') * 1000));
              plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
            }],
          },
        },
        [seconds, ...order.map((index) => drawn[index]!)] as uPlot.AlignedData,
        element,
      );
      plot.current = made;
      observer = new ResizeObserver(() => made?.setSize({ width: element.clientWidth, height }));
      observer.observe(element);
      setReady(true);
    });
    return () => {
      isGone = true;
      observer?.disconnect();
      made?.destroy();
      plot.current = undefined;
    };
  }, [seconds, drawn, series, kind, stacked, unit, height, theme]);

  const step = (by: number, isZooming: boolean) => {
    const at = Math.min(Math.max((cursor ?? (by > 0 ? -1 : seconds.length)) + by, 0), seconds.length - 1);
    if (isZooming && mark === undefined) setMark(cursor ?? at);
    if (!isZooming) setMark(undefined);
    setCursor(at);
    plot.current?.setCursor({ left: plot.current.valToPos(seconds[at]!, 'x'), top: 0 }, false);
  };
  const reading = cursor !== undefined && times[cursor] !== undefined
    ? `${showTime(times[cursor])}: ${series.map((one) => `${one.label} ${one.values[cursor] === null ? '–' : showNumber(one.values[cursor] ?? 0)}${unit === '' ? '' : ` ${unit}`}`).join(', ')}`
    : '';
  return (
    <>
      {!isReady && <Skeleton height={height} />}
      <div
        ref={box} role="application" aria-roledescription="chart" aria-label={label} tabIndex={0} style={{ minWidth: 0, minHeight: isReady ? height : 0 }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
            event.preventDefault();
            step(event.key === 'ArrowRight' ? 1 : -1, event.shiftKey);
          } else if (event.key === 'Enter' && mark !== undefined && cursor !== undefined && mark !== cursor) {
            const [from, to] = mark < cursor ? [mark, cursor] : [cursor, mark];
            setMark(undefined);
            onZoom?.(new Date(seconds[from]! * 1000), new Date(seconds[to]! * 1000));
          }
        }}
      />
      <p className="reading" aria-live="polite">{reading}</p>
    </>
  );
}

function stack(series: Series[]): number[][] {
  const sums: number[] = [];
  return series.map(({ values }) => values.map((value, index) => (sums[index] = (sums[index] ?? 0) + (value ?? 0))));
}

const csv = (times: (string | number)[], series: Series[]): string =>
  [['time', ...series.map((one) => `"${one.label.replaceAll('"', '""')}"`)], ...times.map((time, row) => [new Date(time).toISOString(), ...series.map((one) => one.values[row] ?? '')])]
    .map((line) => line.join(',')).join('\n');

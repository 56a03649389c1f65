import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { showAmount, showIn, tickWords } from '../lib/axis';
import { ui } from '../text/ui';
import { colorOf, withUnit, type PlotProps, type Series } from './Chart';
import { DASHES, drawMarker } from './shapes';
import { currentTheme, subscribeTheme } from './theme';

type Made = Required<Omit<PlotProps, 'onZoom'>> & Pick<PlotProps, 'onZoom'>;

/** The drawing of a `Chart`, with the library that only pages with a chart load. */
export default function Plot(props: Made) {
  const { label, times, series, unit, height, zone, onZoom } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  const [theme, setTheme] = useState(currentTheme());
  const [cursor, setCursor] = useState<number>();
  /** Where a stretch that is being chosen with the keys begins. */
  const [anchor, setAnchor] = useState<number>();
  useEffect(() => subscribeTheme(() => setTheme(currentTheme())), []);

  const seconds = useMemo(() => times.map((time) => new Date(time).getTime() / 1000), [times]);
  const latest = useRef({ ...props, seconds });
  latest.current = { ...props, seconds };
  // What is drawn anew; everything else is only other numbers.
  const shape = JSON.stringify([series.map(({ label, color }) => [label, color]), props.kind, props.stacked, unit, height, zone, props.marks, theme]);

  useEffect(() => {
    const element = box.current!;
    const made = draw(element, latest.current, {
      onCursor: setCursor,
      onSelect: (from, to) => zoom.current?.(new Date(from * 1000), new Date(to * 1000)),
    });
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [shape, height]);
  useEffect(() => {
    plot.current?.setData(dataOf(latest.current, seconds));
    setAnchor(undefined);
  }, [seconds, series]);

  const at = cursor !== undefined && cursor < seconds.length ? cursor : undefined;
  const onKey = (event: KeyboardEvent) => {
    const made = plot.current;
    const last = seconds.length - 1;
    const to = { ArrowRight: (at ?? -1) + 1, ArrowLeft: (at ?? last + 1) - 1, Home: 0, End: last }[event.key];
    if (made === undefined) return;
    if (to !== undefined) {
      event.preventDefault();
      const next = Math.min(Math.max(to, 0), last);
      const begin = event.shiftKey ? (anchor ?? at ?? next) : undefined;
      const left = (index: number) => made.valToPos(seconds[index]!, 'x');
      setAnchor(begin);
      setCursor(next);
      made.setCursor({ left: left(next), top: 0 }, false);
      const [from, until] = begin === undefined ? [0, 0] : [left(Math.min(begin, next)), left(Math.max(begin, next))];
      made.setSelect({ left: from, width: until - from, top: 0, height: made.over.clientHeight }, false);
    } else if (event.key === 'Enter' && anchor !== undefined && at !== undefined && anchor !== at) {
      onZoom?.(new Date(seconds[Math.min(anchor, at)]! * 1000), new Date(seconds[Math.max(anchor, at)]! * 1000));
    } else if (event.key === 'Escape' && anchor !== undefined) {
      event.stopPropagation();
      setAnchor(undefined);
      made.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    }
  };
  return (
    <>
      <div
        ref={box} className="plot" role="application" aria-roledescription={ui.chart} aria-label={label} aria-description={onZoom === undefined ? ui.chartKeys : ui.chartZoomKeys}
        tabIndex={0} style={{ height }} onKeyDown={onKey}
      />
      <p className="reading" aria-live="polite">
        {anchor !== undefined && at !== undefined && anchor !== at
          ? ui.chartStretch(showIn(zone, 'exact', times[Math.min(anchor, at)]!), showIn(zone, 'exact', times[Math.max(anchor, at)]!))
          : at === undefined ? '' : <><b>{showIn(zone, 'exact', times[at]!)}</b> {series.map((one) => `${one.label} ${withUnit(one.values[at] ?? null, unit)}`).join(' · ')}</>}
      </p>
    </>
  );
}

/** The numbers in the order they are drawn in: of a stack, the tallest first. */
function dataOf({ series, stacked }: Made, seconds: number[]): UPlot.AlignedData {
  const drawn = stacked ? stack(series) : series.map((one) => one.values);
  return [seconds, ...orderOf(series, stacked).map((index) => drawn[index]!)] as UPlot.AlignedData;
}

const orderOf = (series: Series[], stacked: boolean) => (stacked ? series.map((_, index) => series.length - 1 - index) : series.map((_, index) => index));

function stack(series: Series[]): number[][] {
  const sums: number[] = [];
  return series.map(({ values }) => values.map((value, index) => (sums[index] = (sums[index] ?? 0) + (value ?? 0))));
}

function draw(element: HTMLElement, of: Made & { seconds: number[] }, on: { onCursor: (index: number | undefined) => void; onSelect: (from: number, to: number) => void }): UPlot {
  const { series, kind, stacked, unit, height, zone, marks } = of;
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const [muted, line, background] = [color('--muted'), color('--line'), color('--bg')];
  const order = orderOf(series, stacked);
  const isLines = kind === 'line' && !stacked;
  const axis = { stroke: muted, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 }, font: '12px system-ui, sans-serif' };
  const isWhole = series.every(({ values }) => values.every((value) => value === null || Number.isInteger(value)));

  const markers = (plot: UPlot, place: number) => {
    if (!isLines) return;
    const index = order[place - 1]!;
    const [xs, ys] = [plot.data[0], plot.data[place]!];
    const isLone = Array.from(ys).filter((value) => value !== null && value !== undefined).length === 1;
    const every = isLone ? 1 : Math.max(Math.ceil(xs.length / 10), 1);
    const pixels = devicePixelRatio;
    plot.ctx.save();
    plot.ctx.fillStyle = color(colorOf(series[index]!.color, index));
    plot.ctx.strokeStyle = background;
    plot.ctx.lineWidth = 1.5 * pixels;
    // Each series has its own places, so that lines on top of each other still show whose they are.
    for (let point = (index * 2) % every; point < xs.length; point += every) {
      const value = ys[point];
      if (value === null || value === undefined) continue;
      plot.ctx.beginPath();
      drawMarker(plot.ctx, index, plot.valToPos(xs[point]!, 'x', true), plot.valToPos(value, 'y', true), 3.6 * pixels);
      plot.ctx.stroke();
      plot.ctx.fill();
    }
    plot.ctx.restore();
  };
  const drawMarks = (plot: UPlot) => {
    const { left, top, width, height } = plot.bbox;
    plot.ctx.save();
    plot.ctx.strokeStyle = muted;
    plot.ctx.lineWidth = 2 * devicePixelRatio;
    plot.ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const mark of marks) {
      const x = Math.min(Math.max(plot.valToPos(new Date(mark.at).getTime() / 1000, 'x', true), left), left + width);
      plot.ctx.beginPath();
      plot.ctx.moveTo(x, top);
      plot.ctx.lineTo(x, top + height);
      plot.ctx.stroke();
    }
    plot.ctx.restore();
  };

  return new UPlot(
    {
      width: element.clientWidth, height, padding: [10, 22, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 8 } },
      tzDate: (second) => (zone === 'utc' ? UPlot.tzDate(new Date(second * 1000), 'Etc/UTC') : new Date(second * 1000)),
      scales: { y: { range: (_plot, _least, most) => [0, Math.max((most ?? 0) * 1.1, isWhole ? 1 : 0.001)] } },
      axes: [
        { ...axis, space: 64, size: 44, values: (_plot, ticks, _axis, _space, step) => tickWords(ticks, step, zone) },
        { ...axis, size: 58, values: (_plot, ticks) => ticks.map((tick) => (isWhole && !Number.isInteger(tick) ? '' : `${showAmount(tick)}${unit === '' ? '' : ` ${unit}`}`)) },
      ],
      series: [{}, ...order.map((index) => {
        const stroke = color(colorOf(series[index]!.color, index));
        return {
          label: series[index]!.label, stroke, width: 2, dash: isLines ? DASHES[index % DASHES.length]! : [], points: { show: false }, spanGaps: true,
          ...(kind === 'bars' ? { paths: UPlot.paths.bars!({ size: [0.7, 40] }), fill: stroke, width: 0 } : stacked ? { fill: `${stroke}40` } : {}),
        };
      })],
      hooks: {
        drawSeries: [markers],
        draw: [drawMarks],
        setCursor: [(plot) => on.onCursor(plot.cursor.idx ?? undefined)],
        setSelect: [(plot) => {
          if (plot.select.width < 4) return;
          on.onSelect(plot.posToVal(plot.select.left, 'x'), plot.posToVal(plot.select.left + plot.select.width, 'x'));
          plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        }],
      },
    },
    dataOf(of, of.seconds),
    element,
  );
}

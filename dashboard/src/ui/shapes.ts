// How the series of a chart are told apart without colour: each has a dash and a marker of its own.

export const DASHES = [[], [7, 4], [2, 3], [11, 3, 2, 3], [5, 2], [2, 2, 7, 2], [14, 4]];

type Draw = { moveTo: (x: number, y: number) => void; lineTo: (x: number, y: number) => void; arc: (x: number, y: number, r: number, from: number, to: number) => void };

const polygon = (points: [number, number][]) => (to: Draw, x: number, y: number, r: number) => {
  points.forEach(([dx, dy], index) => (index === 0 ? to.moveTo(x + dx * r, y + dy * r) : to.lineTo(x + dx * r, y + dy * r)));
  to.lineTo(x + points[0]![0] * r, y + points[0]![1] * r);
};

const MARKERS: ((to: Draw, x: number, y: number, r: number) => void)[] = [
  (to, x, y, r) => { to.moveTo(x + r, y); to.arc(x, y, r, 0, 2 * Math.PI); },
  polygon([[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]]),
  polygon([[0, -1.15], [1.1, 0.85], [-1.1, 0.85]]),
  polygon([[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]]),
  polygon([[0, 1.15], [1.1, -0.85], [-1.1, -0.85]]),
  polygon([[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]]),
  polygon([[-1.3, -0.5], [1.3, -0.5], [1.3, 0.5], [-1.3, 0.5]]),
];

/** Draws the marker of a series. */
export const drawMarker = (to: Draw, series: number, x: number, y: number, r: number): void => MARKERS[series % MARKERS.length]!(to, x, y, r);

/** The marker of a series as the path of an SVG. */
export function markerPath(series: number, x: number, y: number, r: number): string {
  if (series % MARKERS.length === 0) return `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`;
  let path = '';
  drawMarker({ moveTo: (x, y) => { path += `M${x},${y}`; }, lineTo: (x, y) => { path += `L${x},${y}`; }, arc: () => {} }, series, x, y, r);
  return path;
}

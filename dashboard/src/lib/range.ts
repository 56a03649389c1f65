// Stretches of time as pages offer them: the last so many hours or days, or from one time to another.

export const RANGES = ['1h', '24h', '7d', '30d'] as const;
export type Range = (typeof RANGES)[number];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SPANS: Record<Range, number> = { '1h': HOUR, '24h': DAY, '7d': 7 * DAY, '30d': 30 * DAY };

export const isRange = (text: string | undefined): text is Range => RANGES.includes(text as Range);

/** What the address says: `from` and `to` if they are there, otherwise a range. */
export type Chosen = { range?: string | undefined; from?: string | undefined; to?: string | undefined };

export type Stretch = {
  from: Date;
  to: Date;
  /** Its end is now, and moves. */
  isOpen: boolean;
};

/** The stretch that is meant, at this time. */
export function stretchOf({ range, from, to }: Chosen, otherwise: Range, now: number): Stretch {
  const [begins, ends] = [timeOf(from), timeOf(to)];
  const until = ends ?? now;
  if (begins !== undefined && begins < until) return { from: new Date(begins), to: new Date(until), isOpen: ends === undefined };
  const span = SPANS[isRange(range) ? range : otherwise];
  return { from: new Date(until - span), to: new Date(until), isOpen: ends === undefined };
}

function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** The step that makes a chart of some fifty to two hundred points. */
export function stepOf({ from, to }: Pick<Stretch, 'from' | 'to'>): 'minute' | 'hour' | 'day' {
  const span = to.getTime() - from.getTime();
  return span <= 3 * HOUR ? 'minute' : span <= 8 * DAY ? 'hour' : 'day';
}

/** The stretch of the same length before. */
export function before({ from, to }: Pick<Stretch, 'from' | 'to'>): { from: Date; to: Date } {
  return { from: new Date(2 * from.getTime() - to.getTime()), to: from };
}

/** A time as `<input type="datetime-local">` has it, and back. */
export const toLocalInput = (date: Date): string => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
export const fromLocalInput = (text: string): Date | undefined => {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time);
};

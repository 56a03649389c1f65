// Times as axes, tables and readings of charts write them: in the reader's zone or in UTC.

export type Zone = 'local' | 'utc';

const MAKE = {
  minute: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
  exact: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  full: { dateStyle: 'medium', timeStyle: 'medium' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

const made = new Map<string, Intl.DateTimeFormat>();

/** A time in one of these forms: `14:05`, `25 Nov`, `25 Nov, 14:05`, `25 Nov 2026, 14:05:00`. */
export function showIn(zone: Zone, form: keyof typeof MAKE, date: string | number | Date): string {
  const key = zone + form;
  const format = made.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...MAKE[form], ...(zone === 'utc' && { timeZone: 'UTC' }) });
  made.set(key, format);
  return format.format(new Date(date));
}

/** The words under the ticks of a time axis, `step` apart, all in seconds: the day stands where it changes. */
export function tickWords(seconds: number[], step: number, zone: Zone): string[] {
  let day = '';
  return seconds.map((second) => {
    const today = showIn(zone, 'day', second * 1000);
    if (step >= 86400) return today;
    const isNew = today !== day;
    day = today;
    return showIn(zone, 'minute', second * 1000) + (isNew ? `\n${today}` : '');
  });
}

/** A number as short as it can be read: two digits that count, below ten. */
export function showAmount(value: number): string {
  const digits = Math.abs(value) >= 10 || value === 0 ? 0 : Math.min(Math.max(1 - Math.floor(Math.log10(Math.abs(value))), 0), 4);
  return value.toLocaleString('en-GB', { maximumFractionDigits: digits });
}

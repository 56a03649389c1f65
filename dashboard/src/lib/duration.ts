// Durations: what people type as a number and a unit, and the server keeps as seconds.

export type Unit = 'seconds' | 'minutes' | 'hours' | 'days';

export const UNIT_SECONDS: Record<Unit, number> = { seconds: 1, minutes: 60, hours: 3600, days: 86400 };
const LARGEST_FIRST: Unit[] = ['days', 'hours', 'minutes', 'seconds'];

/** The largest unit in which this is a whole number; a single day is rather 24 hours. */
export function splitDuration(seconds: number): { amount: number; unit: Unit } {
  const unit = LARGEST_FIRST.find((unit) => {
    const amount = seconds / UNIT_SECONDS[unit];
    return Number.isInteger(amount) && amount > (unit === 'days' ? 1 : 0);
  });
  return { amount: seconds / UNIT_SECONDS[unit ?? 'seconds'], unit: unit ?? 'seconds' };
}

/** `24 hours (86,400 s)`. */
export function showDuration(seconds: number): string {
  const { amount, unit } = splitDuration(seconds);
  const words = `${amount} ${amount === 1 ? unit.slice(0, -1) : unit}`;
  return unit === 'seconds' ? words : `${words} (${seconds.toLocaleString('en-GB')} s)`;
}

/** The seconds of a typed amount, or nothing when it is no whole number. */
export function joinDuration(amount: string, unit: Unit): number | undefined {
  return /^\d{1,9}$/.test(amount.trim()) ? Number(amount) * UNIT_SECONDS[unit] : undefined;
}

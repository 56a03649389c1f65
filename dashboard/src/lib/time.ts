// Times as people read them.

const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

export const showTime = (date: string | number | Date): string => exact.format(new Date(date));
export const showDay = (date: string | number | Date): string => day.format(new Date(date));

/** How long ago, or until when, in the largest unit that fits: `2 min ago`, `in 3 d`. */
export function showAgo(date: string | number | Date, now = Date.now()): string {
  const difference = new Date(date).getTime() - now;
  const words = showSpan(Math.abs(difference) / 1000);
  if (Math.abs(difference) < 5_000) return 'just now';
  return difference > 0 ? `in ${words}` : `${words} ago`;
}

/** A span in its largest unit: `45 s`, `2 min`, `3 h`, `5 d`. */
export function showSpan(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

export const showNumber = (value: number): string => value.toLocaleString('en-GB');

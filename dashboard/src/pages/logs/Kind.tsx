import type { LogEvent } from '../../api/logs';
import { showIn } from '../../lib/axis';
import { severity } from '../../lib/severity';
import { logs as text } from '../../text/logs';
import { CircleCheck, CircleX, Eye, Pencil, TriangleAlert, type LucideIcon } from '../../ui/icons';

const ICONS: Record<string, LucideIcon> = { sapi: Pencil, mgmt_api_read: Eye };
const BY_SEVERITY = { success: CircleCheck, warning: TriangleAlert, error: CircleX };
const COLORS = { success: 'text-success', warning: 'text-warning', error: 'text-danger' };

/** The type of an event in words. */
export const kindOf = (event: Pick<LogEvent, 'type'>): string => text.types[event.type] ?? text.unknown(event.type);

/** Who tried it out in the dashboard, empty if that is not known; nothing if it was no test. */
export function testerOf({ details }: LogEvent): string | undefined {
  const { test } = (details ?? {}) as { test?: { by?: { name?: string; client_id?: string } } };
  return test === undefined ? undefined : (test.by?.name ?? test.by?.client_id ?? '');
}

/** How it went, as an icon; the words beside it say the same. */
export function KindIcon({ type, size = 16 }: { type: string; size?: number }) {
  const how = severity(type);
  const Icon = ICONS[type] ?? BY_SEVERITY[how];
  return <Icon className={`icon ${type in ICONS ? 'muted' : COLORS[how]}`} size={size} aria-hidden />;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** When it happened: the day, unless it is today, and the time to the millisecond. */
export function When({ date }: { date: string }) {
  const [day, today] = [showIn('local', 'day', date), showIn('local', 'day', Date.now())];
  return <time dateTime={date} title={`${date.replace('T', ' ').replace('Z', '')} UTC`}>{day !== today && <span className="muted">{day} </span>}{clock.format(new Date(date))}<span className="ms">{date.slice(19, 23)}</span></time>;
}

import { useEffect, useState } from 'react';
import { tailLogs, type LogEvent } from '../../../api/logs';
import { can } from '../../../auth/me';
import { application } from '../../../text/application';
import { LiveDot } from '../../../ui';
import { CircleCheck, CircleX } from '../../../ui/icons';

const text = application.quickstart;
const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** The application's own token requests, as they happen. */
export function Live({ clientId }: { clientId: string }) {
  const [events, setEvents] = useState<LogEvent[]>([]);
  const [state, setState] = useState<'connecting' | 'live' | 'lost'>('connecting');
  useEffect(() => {
    if (!can('read:logs')) return;
    const stop = new AbortController();
    const take = (event: LogEvent) => {
      if (event.type === 'seccft' || event.type === 'feccft') setEvents((events) => [event, ...events].slice(0, 6));
    };
    void tailLogs({ q: `client_id:"${clientId}"` }, stop.signal, take, setState);
    return () => stop.abort();
  }, [clientId]);
  if (!can('read:logs')) return null;
  return (
    <section className="card" aria-label={text.live}>
      <header>
        <h2>{text.live}</h2>
        <LiveDot state={state === 'live' ? 'on' : 'off'} pulse={state === 'live'}>{state === 'lost' ? text.lost : text.live}</LiveDot>
      </header>
      <div className="body" role="log" aria-live="polite">
        {events.length === 0 && <p className="muted">{text.waiting}</p>}
        <ul className="stack tight">
          {events.map((event) => {
            const isGood = event.type === 'seccft';
            const Icon = isGood ? CircleCheck : CircleX;
            return (
              <li key={event.log_id} className="row top nowrap">
                <Icon className={`icon ${isGood ? 'text-success' : 'text-danger'}`} size={16} aria-hidden style={{ marginTop: 2 }} />
                <span className="anywhere">
                  <span className="number">{time.format(new Date(event.date))}</span> {text.received(event.user_agent, event.ip ?? '')}
                  {!isGood && <><br /><span className="text-danger">{text.refused}: {event.description}</span></>}
                </span>
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}

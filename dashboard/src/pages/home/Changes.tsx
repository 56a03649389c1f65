import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { logsQuery, type LogEvent } from '../../api/logs';
import { showAgo, showTime } from '../../lib/time';
import { home as text } from '../../text/home';
import { ErrorPanel, Skeleton } from '../../ui';
import { asAct } from '../logs/act';

const CHANGES = 'type:sapi';
const SHOWN = 7;

/** Who changed what lately, from the log. */
export function Changes() {
  const changes = useQuery({ ...logsQuery(CHANGES, 0, SHOWN), refetchInterval: 30_000 });
  return (
    <section className="card" aria-labelledby="changes">
      <header><h3 id="changes">{text.changes}</h3><Link to="/logs" search={{ q: CHANGES, range: '30d' } as never}>{text.allChanges}</Link></header>
      {changes.isPending ? <div className="body"><Skeleton lines={5} height={20} /></div>
        : changes.isError ? <div className="body"><ErrorPanel error={changes.error} retry={() => void changes.refetch()} /></div>
          : changes.data.length === 0 ? <p className="body muted">{text.noChanges}</p>
            : <ul className="changes">{changes.data.map((event) => <Change key={event.log_id} event={event} />)}</ul>}
    </section>
  );
}

function Change({ event }: { event: LogEvent }) {
  const act = asAct(event);
  const who = act?.actor ?? (event.client_id === 'owner' ? text.owner : event.client_name || text.program(event.client_id ?? ''));
  return (
    <li>
      <span className="what">
        <span className="strong">{event.description}</span>
        {act?.name !== undefined && <> · {act.to === undefined ? act.name : <Link to={act.to as '/'}>{act.name}</Link>}</>}
        {act?.method === 'PATCH' && act.fields.length > 0 && <span className="muted"> · {text.fields(act.fields)}</span>}
      </span>
      <span className="muted who">{who}</span>
      <span className="muted when"><time dateTime={event.date} title={showTime(event.date)}>{showAgo(event.date)}</time> · <Link to="/logs/$logId" params={{ logId: event.log_id }} aria-label={text.eventOf(event.description ?? '', showTime(event.date))}>{text.event}</Link></span>
    </li>
  );
}

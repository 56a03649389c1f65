// The newest events of one application; the whole log is a click away.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { logsQuery, severity, type LogEvent } from '../../api/logs';
import { showAgo, showTime } from '../../lib/time';
import { application } from '../../text/application';
import { applications } from '../../text/applications';
import { ui } from '../../text/ui';
import { ButtonLink, DataTable, EmptyState, ErrorPanel, FilterInput, LiveDot, Nothing, Skeleton, useSearchParam, type Column } from '../../ui';
import { ArrowRight, ScrollText } from '../../ui/icons';
import { useApplication } from './useApplication';

const text = application.logs;
const DOT = { success: 'on', warning: 'warning', error: 'error' } as const;

const COLUMNS: Column<LogEvent>[] = [
  { key: 'date', header: text.time, sort: (event) => event.date, cell: (event) => <time dateTime={event.date} title={showTime(event.date)} className="nobreak">{showAgo(event.date)}</time> },
  {
    key: 'type',
    header: text.type,
    sort: (event) => event.type,
    cell: (event) => (
      <Link className="name" to="/logs/$logId" params={{ logId: event.log_id }}>
        <LiveDot state={DOT[severity(event.type)]}><span className="sr">{text.outcomes[severity(event.type)]}: </span><code>{event.type}</code></LiveDot>
      </Link>
    ),
  },
  { key: 'description', header: text.description, cell: (event) => <span className="anywhere">{event.description}</span> },
  { key: 'ip', header: text.ip, cell: (event) => event.ip ?? <Nothing /> },
];

export default function Logs() {
  const { client } = useApplication();
  const navigate = useNavigate();
  const [q, setQ] = useSearchParam('q');
  const query = `client_id:"${client.client_id}"`;
  const events = useQuery({ ...logsQuery(query), refetchInterval: 10_000 });
  const needle = q.toLowerCase();
  const shown = (events.data ?? []).filter((event) => `${event.type} ${event.description ?? ''} ${event.ip ?? ''}`.toLowerCase().includes(needle));
  return (
    <div className="stack">
      <div className="row spread">
        <p className="muted">{text.lead}</p>
        <ButtonLink to="/logs" search={{ q: query } as never} icon={ArrowRight}>{text.open}</ButtonLink>
      </div>
      {events.isPending ? <Skeleton lines={8} height={28} />
        : events.isError ? <ErrorPanel error={events.error} retry={() => void events.refetch()} />
          : events.data.length === 0 ? <EmptyState icon={ScrollText} title={text.empty} />
            : (
              <div>
                <div className="toolbar"><FilterInput value={q} onChange={setQ} label={text.filter} status={ui.rows(shown.length, events.data.length)} /></div>
                <DataTable label={applications.tabs.logs} columns={COLUMNS} rows={shown} rowKey={(event) => event.log_id} onOpen={(event) => void navigate({ to: '/logs/$logId', params: { logId: event.log_id } })} />
              </div>
            )}
    </div>
  );
}

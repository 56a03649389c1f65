import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { historyQuery, type HistoryKind } from '../api/extras';
import { showAgo, showTime } from '../lib/time';
import { ui } from '../text/ui';
import { ScrollText } from './icons';
import { Changes } from './SaveBar';
import { EmptyState, ErrorPanel, Skeleton } from './states';

/** Who changed an object, when, from where, and what. `labels` are the names of its fields. */
export function HistoryList({ kind, id, labels = {} }: { kind: HistoryKind; id: string; labels?: Record<string, string> }) {
  const history = useQuery(historyQuery(kind, id));
  if (history.isPending) return <Skeleton lines={6} height={20} />;
  if (history.isError) return <ErrorPanel error={history.error} retry={() => void history.refetch()} />;
  if (history.data.length === 0) return <EmptyState icon={ScrollText} title={ui.historyEmpty} />;
  return (
    <ol className="history">
      {history.data.map((entry) => (
        <li key={entry.log_id} className="stack tight">
          <div>
            <div className="strong">{entry.summary} <span className="muted">{ui.historyBy(entry.actor.name ?? entry.actor.client_id ?? '')}</span></div>
            <div className="muted small">
              <time dateTime={entry.date} title={showTime(entry.date)}>{showAgo(entry.date)}</time>
              {entry.ip !== undefined && <> · {ui.historyFrom(entry.ip)}</>} · <Link to="/logs/$logId" params={{ logId: entry.log_id }}>{ui.showLog}</Link>
            </div>
          </div>
          {entry.changes.length > 0 && <Changes past rows={entry.changes.map((change) => ({ name: labels[change.field] ?? change.field, path: change.field, old: change.old, new: change.new }))} />}
        </li>
      ))}
    </ol>
  );
}

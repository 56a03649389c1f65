import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { historyQuery, type HistoryEntry, type HistoryKind } from '../api/extras';
import { changesBetween } from '../lib/diff';
import { showAgo, showTime } from '../lib/time';
import { ui } from '../text/ui';
import { ScrollText } from './icons';
import { Changes } from './SaveBar';
import { EmptyState, ErrorPanel, Skeleton } from './states';

const FOLDED_FROM = 8;

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
          <What entry={entry} labels={labels} />
        </li>
      ))}
    </ol>
  );
}

/** The leaves that changed; a creation sets so many that they wait behind a fold. */
function What({ entry, labels }: { entry: HistoryEntry; labels: Record<string, string> }) {
  const tree = (side: 'old' | 'new') => Object.fromEntries(entry.changes.map((change) => [change.field, change[side]]));
  const rows = changesBetween(tree('old'), tree('new')).map(({ path, keys, old, new: now }) => ({ name: labels[path] ?? labels[keys[0]!] ?? path, path, old, new: now }));
  const label = `${entry.summary}, ${showTime(entry.date)}`;
  if (rows.length === 0) return null;
  if (rows.length <= FOLDED_FROM) return <Changes past rows={rows} label={label} />;
  return <details><summary>{ui.historyFields(rows.length)}</summary><div style={{ marginTop: 8 }}><Changes past rows={rows} label={label} /></div></details>;
}

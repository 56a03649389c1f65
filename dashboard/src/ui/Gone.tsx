import { useQuery } from '@tanstack/react-query';
import { deletedQuery, historyQuery, restore } from '../api/extras';
import { can } from '../auth/me';
import { showAgo, showTime } from '../lib/time';
import { ui } from '../text/ui';
import { toast } from './announce';
import { Button } from './Button';
import { RotateCw } from './icons';
import { EmptyState, ErrorPanel, Skeleton } from './states';
import { useAttempt } from './useAttempt';

type Kind = 'clients' | 'resource-servers';

const SCOPES = { clients: 'clients', 'resource-servers': 'resource_servers' };

/** In place of an object that is not there: when it was deleted and by whom, and the way back, as far as that is known. */
export function Gone({ kind, id }: { kind: Kind; id: string }) {
  const deleted = useQuery({ ...deletedQuery(kind), retry: false, enabled: can(`read:${SCOPES[kind]}`) });
  const found = deleted.data?.find((one) => one.id === id);
  const history = useQuery({ ...historyQuery(kind, id, 1), retry: false, enabled: found !== undefined && can('read:logs') });
  const { isBusy, error, attempt } = useAttempt();
  if (deleted.isLoading) return <Skeleton lines={4} />;
  if (found === undefined) return <EmptyState title={ui.noTrace}>{ui.noTraceHow}</EmptyState>;
  const bringBack = async () => {
    await attempt(async () => {
      await restore(kind, id);
      toast(ui.restored(found.name));
    });
  };
  const who = history.data?.[0]?.actor.name;
  return (
    <div className="stack">
      <EmptyState
        title={ui.deletedBy(found.name, showAgo(found.deleted_at), who)}
        actions={can(`create:${SCOPES[kind]}`) && <Button kind="primary" icon={RotateCw} busy={isBusy} onClick={() => void bringBack()}>{ui.restore(found.name)}</Button>}
      >
        {ui.restoreUntil(showTime(found.expires_at))}
      </EmptyState>
      {error !== undefined && <ErrorPanel error={error} />}
    </div>
  );
}

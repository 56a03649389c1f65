// Deleting an API says first what goes with it.
import { useQuery } from '@tanstack/react-query';
import { grantsCount } from '../../api/clientGrants';
import { restore, tokenStatsQuery } from '../../api/extras';
import { deleteResourceServer, type ResourceServer } from '../../api/resourceServers';
import { can } from '../../auth/me';
import { apis as words } from '../../text/apis';
import { ConfirmDialog, Skeleton, toast } from '../../ui';
import { nameOf } from './kinds';

/** Tokens that were issued while one of them can still be alive; as good as the server counts them. */
function useLiveTokens(api: ResourceServer | undefined) {
  const lifetime = api?.token_lifetime ?? 86_400;
  const hour = 3_600_000;
  const to = Math.ceil(Date.now() / hour) * hour;
  const isLong = lifetime > 3 * 86_400;
  const of = { from: new Date(to - lifetime * 1000 - hour).toISOString(), to: new Date(to).toISOString(), interval: isLong ? ('day' as const) : ('hour' as const), group_by: 'api' as const };
  const stats = useQuery({ ...tokenStatsQuery(of), enabled: api !== undefined && can('read:stats') });
  const series = stats.data?.series.find(({ key }) => key === api?.identifier);
  const isSure = series !== undefined || stats.data?.series.every(({ key }) => key !== 'other') === true;
  return { isPending: stats.isLoading, count: isSure ? (series?.issued.reduce((sum, count) => sum + count, 0) ?? 0) : undefined };
}

export function DeleteApi({ api, onClose, onDeleted }: { api: ResourceServer | undefined; onClose: () => void; onDeleted?: () => void }) {
  const grants = useQuery({ ...grantsCount(api?.identifier ?? ''), enabled: api !== undefined && can('read:client_grants') });
  const live = useLiveTokens(api);
  const name = api === undefined ? '' : nameOf(api);
  const act = async () => {
    if (api === undefined) return;
    await deleteResourceServer(api.id);
    onDeleted?.();
    toast(words.deleted(name), { undo: () => restore('resource-servers', api.id).then(() => toast(words.restored(name)), (error) => toast(words.restoreFailed(error instanceof Error ? error.message : ''))) });
  };
  return (
    <ConfirmDialog
      open={api !== undefined} onClose={onClose} title={words.deleteTitle(name)} confirm={words.deleteApi} act={act}
      typeName={live.count !== undefined && live.count > 0 ? name : undefined}
    >
      {grants.isLoading || live.isPending ? <Skeleton lines={2} /> : (
        <>
          <p>{words.deleteEffect(grants.data)}</p>
          {live.count !== undefined && <p>{words.deleteTokens(live.count)}</p>}
          <p className="muted">{words.deleteUndo}</p>
        </>
      )}
    </ConfirmDialog>
  );
}

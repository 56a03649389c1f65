import { useQuery } from '@tanstack/react-query';
import { deleteGrant, type ClientGrant } from '../../../api/clientGrants';
import type { Client } from '../../../api/clients';
import { restore } from '../../../api/extras';
import type { ResourceServer } from '../../../api/resourceServers';
import { can } from '../../../auth/me';
import { draftStore } from '../../../lib/drafts';
import { showTime } from '../../../lib/time';
import { apis as words } from '../../../text/apis';
import { ConfirmDialog, Skeleton, toast, wordsOf } from '../../../ui';
import { issuedQuery } from '../authorized';
import { nameOf } from '../kinds';

export type Removal = { client: Client; grant: ClientGrant };

/** Says what removing access will and will not do, in numbers. */
export function RemoveAccess({ api, removal, onClose }: { api: ResourceServer; removal: Removal | undefined; onClose: () => void }) {
  const clientId = removal?.client.client_id ?? '';
  const issued = useQuery({ ...issuedQuery(clientId, api.identifier), enabled: removal !== undefined && can('read:logs') });
  const name = removal?.client.name ?? '';
  const last = issued.data?.last === undefined ? undefined : new Date(issued.data.last).getTime() + (api.token_lifetime ?? 0) * 1000;
  const act = async () => {
    if (removal === undefined) return;
    const { id } = removal.grant;
    await deleteGrant(id);
    draftStore.drop(`client-grants/${id}`);
    const undo = () => restore('client-grants', id).then(() => toast(words.access.restored(name)), (error) => toast(wordsOf(error)));
    toast(words.access.removed(name), { undo });
  };
  return (
    <ConfirmDialog open={removal !== undefined} onClose={onClose} title={words.access.removeTitle(name, nameOf(api))} confirm={words.access.remove} act={act}>
      {issued.isLoading ? <Skeleton lines={2} /> : (
        <>
          {issued.data !== undefined && <p>{words.access.issued(name, issued.data.count, issued.data.isMore)}</p>}
          <p>{words.access.effect}</p>
          <p>{issued.data === undefined ? words.access.tokensUnknown : last === undefined ? words.access.noTokens : last <= Date.now() ? words.access.tokensOver : words.access.tokensUntil(showTime(last))}</p>
        </>
      )}
    </ConfirmDialog>
  );
}

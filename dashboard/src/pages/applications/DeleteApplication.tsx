import { useQuery } from '@tanstack/react-query';
import { deleteClient } from '../../api/clients';
import { lastUsedQuery, restore } from '../../api/extras';
import { applications } from '../../text/applications';
import { ConfirmDialog, toast, wordsOf } from '../../ui';

/** Names the application and what it did lately, deletes it, and offers it back. */
export function DeleteApplication({ client, onClose, onDeleted }: { client: { client_id: string; name: string } | undefined; onClose: () => void; onDeleted?: () => void }) {
  const used = useQuery({ ...lastUsedQuery(client === undefined ? [] : [client.client_id]), retry: false });
  const text = applications.remove;
  const bringBack = async (id: string, name: string) => {
    try {
      await restore('clients', id);
      toast(applications.list.restored(name));
    } catch (error) {
      toast(wordsOf(error));
    }
  };
  const remove = async () => {
    if (client === undefined) return;
    const { client_id: id, name } = client;
    await deleteClient(id);
    onDeleted?.();
    toast(applications.list.deleted(name), { undo: () => bringBack(id, name) });
  };
  const count = client === undefined ? undefined : used.data?.[client.client_id]?.issued_24h;
  return (
    <ConfirmDialog open={client !== undefined} onClose={onClose} title={text.title(client?.name ?? '')} confirm={text.button} act={remove}>
      {count !== undefined && <p className="strong">{text.used(count)}</p>}
      <p>{text.effect}</p>
      <p>{text.undo}</p>
    </ConfirmDialog>
  );
}

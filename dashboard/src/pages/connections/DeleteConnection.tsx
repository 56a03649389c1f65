// Deleting a connection says first how many people go with it, and wants its name typed.
import { useQuery } from '@tanstack/react-query';
import { deleteConnection, enabledClientsQuery, type Connection } from '../../api/connections';
import { get } from '../../api/http';
import { can } from '../../auth/me';
import { draftStore } from '../../lib/drafts';
import { connections } from '../../text/connections';
import { ConfirmDialog, Skeleton, toast } from '../../ui';
import { draftOf } from './form';

const text = connections.remove;

/** How many people are in a connection. */
const peopleQuery = (name: string) => ({
  queryKey: ['connections', 'people', name],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    (await get<{ total: number }>('/api/v2/users', { q: `identities.connection:"${name}"`, search_engine: 'v3', per_page: 1, include_totals: true }, signal)).total,
});

export function DeleteConnection({ connection, onClose, onDeleted }: { connection: Connection | undefined; onClose: () => void; onDeleted?: () => void }) {
  const isOpen = connection !== undefined;
  const people = useQuery({ ...peopleQuery(connection?.name ?? ''), enabled: isOpen && can('read:users'), staleTime: 0 });
  const applications = useQuery({ ...enabledClientsQuery(connection?.id ?? ''), enabled: isOpen });
  const name = connection?.name ?? '';
  const act = async () => {
    if (connection === undefined) return;
    await deleteConnection(connection.id);
    draftStore.drop(draftOf(connection.id));
    onDeleted?.();
    toast(text.deleted(name));
  };
  return (
    <ConfirmDialog open={isOpen} onClose={onClose} title={text.title(name)} confirm={text.button} act={act} typeName={name}>
      {people.isLoading || applications.isLoading ? <Skeleton lines={2} /> : (
        <>
          <p className="strong">{text.people(people.data)}</p>
          {people.data !== 0 && <p>{text.linked}</p>}
          {applications.data !== undefined && <p>{text.applications(applications.data.length)}</p>}
          <p className="muted">{text.forever}</p>
        </>
      )}
    </ConfirmDialog>
  );
}

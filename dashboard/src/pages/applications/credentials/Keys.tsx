import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { credentialsQuery, removeCredential, updateClient, type Client, type ClientCredential } from '../../../api/clients';
import { credentialUsesQuery } from '../../../api/secrets';
import { can } from '../../../auth/me';
import { showDay } from '../../../lib/time';
import { applications } from '../../../text/applications';
import { credentials as text } from '../../../text/credentials';
import { ui } from '../../../text/ui';
import { Badge, Button, ConfirmDialog, CopyLine, DataTable, EmptyState, ErrorPanel, IconButton, Menu, MenuItem, Nothing, Skeleton, toast, wordsOf, type Column } from '../../../ui';
import { Check, Ellipsis, FileKey, Plus, Trash2, X } from '../../../ui/icons';
import { useApplication } from '../useApplication';
import { AddKey } from './AddKey';
import { LastUse } from './LastUse';
import { isByKey, keyName, keysInUse, methodOf, NEEDS, patchTo } from './method';

export function Keys({ client }: { client: Client }) {
  const { read } = useApplication();
  const keys = useQuery(credentialsQuery(client.client_id));
  // Without it the rest can be seen all the same.
  const uses = useQuery({ ...credentialUsesQuery(client.client_id), enabled: (keys.data?.length ?? 0) > 0 });
  const [isAdding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<ClientCredential>();
  const method = methodOf(client);
  const used = keysInUse(client);
  const change = async (key: ClientCredential, isUsed: boolean) => {
    try {
      await updateClient(client.client_id, patchTo(method, isUsed ? [...used, key.id] : used.filter((id) => id !== key.id)), read.etag);
      toast(text.keyUseChanged(keyName(key), isUsed));
    } catch (error) {
      toast(wordsOf(error));
    }
  };
  // A key counts only once the application is told to prove itself with it.
  const fits = (key: ClientCredential) => isByKey(method) && NEEDS[method] === key.credential_type;
  const columns: Column<ClientCredential>[] = [
    { key: 'name', header: text.keyName, sort: keyName, cell: (key) => <span className="row"><FileKey className="icon muted" size={16} aria-hidden /><span className="strong anywhere">{keyName(key)}</span>{used.includes(key.id) && <Badge kind="success">{text.keyUsed}</Badge>}</span> },
    { key: 'kind', header: text.kind, cell: (key) => <>{text.kinds[key.credential_type]?.[0] ?? key.credential_type}{key.alg !== undefined && <span className="muted"> {key.alg}</span>}</> },
    { key: 'kid', header: text.identity, cell: (key) => <Identity of={key} /> },
    { key: 'expires', header: text.keyExpiry, sort: (key) => key.expires_at ?? '9', cell: (key) => (key.expires_at === undefined ? ui.never : showDay(key.expires_at)) },
    { key: 'used', header: text.lastUsed, cell: (key) => (uses.data === undefined ? <Nothing /> : <LastUse use={uses.data[key.id]} />) },
    ...(can('delete:client_credentials') || can('update:client_credentials') ? [{
      key: 'actions', header: applications.list.actions, actions: true,
      cell: (key: ClientCredential) => (
        <Menu trigger={<IconButton icon={Ellipsis} label={text.actionsOf(keyName(key))} />}>
          {fits(key) && !used.includes(key.id) && <MenuItem icon={Check} disabled={used.length >= 2} onSelect={() => void change(key, true)}>{text.keyUse}</MenuItem>}
          {used.includes(key.id) && <MenuItem icon={X} disabled={used.length < 2} onSelect={() => void change(key, false)}>{text.keyUseStop}</MenuItem>}
          <MenuItem icon={Trash2} danger disabled={used.includes(key.id) || !can('delete:client_credentials')} onSelect={() => setRemoving(key)}>{text.keyRemove}</MenuItem>
        </Menu>
      ),
    }] : []),
  ];
  const isFull = (keys.data?.length ?? 0) >= 2;
  const add = can('create:client_credentials') && <Button icon={Plus} reason={isFull ? text.keysLimit : undefined} onClick={() => setAdding(true)}>{text.addKey}</Button>;
  return (
    <section className="card" aria-labelledby="keys">
      <header><h2 id="keys">{text.keys}</h2>{add}</header>
      <div className="body stack">
        <p className="muted">{text.keysLead}</p>
        {keys.isPending ? <Skeleton lines={3} height={28} />
          : keys.isError ? <ErrorPanel error={keys.error} retry={() => void keys.refetch()} />
            : keys.data.length === 0 ? <EmptyState icon={FileKey} title={text.keysEmpty} />
              : <DataTable label={text.keys} columns={columns} rows={keys.data} rowKey={(key) => key.id} sortParam="keys" />}
      </div>
      {isAdding && <AddKey client={client} first={isByKey(method) ? NEEDS[method] : 'public_key'} onClose={() => setAdding(false)} />}
      <ConfirmDialog
        open={removing !== undefined} onClose={() => setRemoving(undefined)} title={text.keyRemoveTitle(removing === undefined ? '' : keyName(removing))} confirm={text.keyRemove}
        act={async () => {
          if (removing === undefined) return;
          await removeCredential(client.client_id, removing.id);
          toast(text.keyRemoved(keyName(removing)));
        }}
      >
        <p>{text.keyRemoveEffect}</p>
      </ConfirmDialog>
    </section>
  );
}

function Identity({ of: key }: { of: ClientCredential }) {
  if (key.thumbprint_sha256 !== undefined) return <CopyLine value={key.thumbprint_sha256} what={text.thumbprint} short />;
  if (key.kid !== undefined) return <CopyLine value={key.kid} what={text.keyId} short />;
  return key.subject_dn === undefined ? <Nothing /> : <code className="anywhere">{key.subject_dn}</code>;
}

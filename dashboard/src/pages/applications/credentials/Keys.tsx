import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { addCredential, credentialsQuery, removeCredential, type Client, type ClientCredential, type NewCredential } from '../../../api/clients';
import { can } from '../../../auth/me';
import { showDay } from '../../../lib/time';
import { application } from '../../../text/application';
import { applications } from '../../../text/applications';
import { ui } from '../../../text/ui';
import { Badge, Button, ConfirmDialog, CopyLine, DataTable, Dialog, EmptyState, ErrorPanel, IconButton, Menu, MenuItem, Nothing, Select, Skeleton, TextArea, TextField, toast, type Column } from '../../../ui';
import { Ellipsis, FileKey, Plus, Trash2 } from '../../../ui/icons';
import { keysInUse } from './method';
import { useAttempt } from '../../../ui/useAttempt';

const text = application.credentials;

const nameOf = (key: ClientCredential) => key.name || key.kid || text.unnamed;

export function Keys({ client }: { client: Client }) {
  const keys = useQuery(credentialsQuery(client.client_id));
  const [isAdding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<ClientCredential>();
  const used = keysInUse(client);
  const columns: Column<ClientCredential>[] = [
    { key: 'name', header: text.keyName, sort: nameOf, cell: (key) => <span className="row nowrap"><FileKey className="icon muted" size={16} aria-hidden /><span className="strong">{nameOf(key)}</span>{used.includes(key.id) && <Badge kind="success">{text.keyUsed}</Badge>}</span> },
    { key: 'kid', header: text.keyId, cell: (key) => (key.kid === undefined ? <Nothing /> : <CopyLine value={key.kid} what={text.keyId} short />) },
    { key: 'alg', header: text.keyAlg, cell: (key) => key.alg ?? <Nothing /> },
    { key: 'created', header: text.created, sort: (key) => key.created_at ?? '', cell: (key) => (key.created_at === undefined ? <Nothing /> : showDay(key.created_at)) },
    { key: 'expires', header: text.keyExpiry, sort: (key) => key.expires_at ?? '9', cell: (key) => (key.expires_at === undefined ? ui.never : showDay(key.expires_at)) },
    ...(can('delete:client_credentials') ? [{
      key: 'actions', header: applications.list.actions, actions: true,
      cell: (key: ClientCredential) => (
        <Menu trigger={<IconButton icon={Ellipsis} label={text.actionsOf(nameOf(key))} />}>
          <MenuItem icon={Trash2} danger disabled={used.includes(key.id)} onSelect={() => setRemoving(key)}>{text.keyRemove}</MenuItem>
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
              : <DataTable label={text.keys} columns={columns} rows={keys.data} rowKey={(key) => key.id} />}
      </div>
      {isAdding && <AddKey client={client} onClose={() => setAdding(false)} />}
      <ConfirmDialog
        open={removing !== undefined} onClose={() => setRemoving(undefined)} title={text.keyRemoveTitle(removing === undefined ? '' : nameOf(removing))} confirm={text.keyRemove}
        act={async () => {
          if (removing === undefined) return;
          await removeCredential(client.client_id, removing.id);
          toast(text.keyRemoved(nameOf(removing)));
        }}
      >
        <p>{text.keyRemoveEffect}</p>
      </ConfirmDialog>
    </section>
  );
}

/** What keeps a text from being a public key. */
function pemFault(pem: string): string | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return text.keyPemPrivate;
  return /^-----BEGIN (PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE)-----[\sA-Za-z0-9+/=]+-----END \1-----$/.test(pem.trim()) ? undefined : text.keyPemBad;
}

function AddKey({ client, onClose }: { client: Client; onClose: () => void }) {
  const [name, setName] = useState('');
  const [pem, setPem] = useState('');
  const [alg, setAlg] = useState<NonNullable<NewCredential['alg']>>('RS256');
  const [days, setDays] = useState('never');
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const fault = pemFault(pem);
  const add = async () => {
    setTried(true);
    if (fault !== undefined) return;
    await attempt(async () => {
      const expires = days === 'never' ? {} : { expires_at: new Date(Date.now() + Number(days) * 86_400_000).toISOString() };
      const key = await addCredential(client.client_id, { credential_type: 'public_key', pem: pem.trim(), alg, ...(name !== '' && { name }), ...expires });
      toast(text.keyAdded(nameOf(key)));
      onClose();
    });
  };
  return (
    <Dialog open onClose={onClose} firm={pem !== ''} title={text.addKey} width={600} footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void add()}>{text.addKey}</Button></>}>
      <TextField label={text.keyName} value={name} onChange={setName} maxLength={128} placeholder="nightly-job 2026" />
      <TextArea label={text.keyPem} help={text.keyPemHelp} required mono rows={8} value={pem} onChange={setPem} error={isTried || pem.includes('PRIVATE') ? fault : undefined} placeholder="-----BEGIN PUBLIC KEY-----" />
      <div className="grid" style={{ '--column': '200px' } as object}>
        <Select label={text.keyAlg} value={alg} onChange={setAlg} options={(['RS256', 'RS384', 'PS256'] as const).map((value) => ({ value, label: value }))} />
        <Select label={text.keyExpiry} value={days} onChange={setDays} options={Object.entries(text.keyExpiries).sort(([one], [other]) => (one === 'never' ? -1 : other === 'never' ? 1 : 0)).map(([value, label]) => ({ value, label }))} />
      </div>
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

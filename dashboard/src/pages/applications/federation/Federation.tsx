// Which outside issuers the application trusts, and for which of their workloads.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Client } from '../../../api/clients';
import { removeTrustedIssuer, trustedIssuersQuery, type TrustedIssuer } from '../../../api/federation';
import { credentialUsesQuery, type Use } from '../../../api/secrets';
import { can } from '../../../auth/me';
import { federation as text } from '../../../text/federation';
import { Button, ConfirmDialog, CopyLine, EmptyState, ErrorPanel, IconButton, Menu, MenuItem, Notice, ReadOnly, Skeleton, toast } from '../../../ui';
import { Ellipsis, Globe, Pencil, Plus, ScanSearch, Trash2 } from '../../../ui/icons';
import { LastUse } from '../credentials/LastUse';
import { useApplication } from '../useApplication';
import { Editor } from './Editor';
import { sentenceOf } from './sentence';
import { TestToken } from './TestToken';

export default function Federation() {
  const { client } = useApplication();
  const issuers = useQuery(trustedIssuersQuery(client.client_id));
  const uses = useQuery({ ...credentialUsesQuery(client.client_id), enabled: (issuers.data?.length ?? 0) > 0 });
  const [editing, setEditing] = useState<TrustedIssuer | 'new'>();
  const [testing, setTesting] = useState<TrustedIssuer>();
  const [removing, setRemoving] = useState<TrustedIssuer>();
  const add = can('create:client_credentials') && <Button icon={Plus} kind={issuers.data?.length === 0 ? 'primary' : undefined} onClick={() => setEditing('new')}>{text.add}</Button>;
  return (
    <div className="stack loose">
      <ReadOnly scope="create:client_credentials" />
      <div className="row spread top">
        <div className="stack tight grow"><h2>{text.title}</h2><p className="muted measure">{text.lead}</p></div>
        {issuers.data !== undefined && issuers.data.length > 0 && add}
      </div>
      {issuers.isPending ? <Skeleton lines={4} height={40} />
        : issuers.isError ? <ErrorPanel error={issuers.error} retry={() => void issuers.refetch()} />
          : issuers.data.length === 0 ? <EmptyState icon={Globe} title={text.empty} actions={add}>{text.emptyBody}</EmptyState>
            : (
              <>
                <ul className="stack">
                  {issuers.data.map((issuer) => (
                    <Issuer key={issuer.id} issuer={issuer} use={uses.data?.[issuer.id]} onEdit={() => setEditing(issuer)} onTest={() => setTesting(issuer)} onRemove={() => setRemoving(issuer)} />
                  ))}
                </ul>
                <Notice>{text.how}</Notice>
              </>
            )}
      {editing !== undefined && <Editor client={client} issuer={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
      {testing !== undefined && <TestToken client={client} issuer={testing} onClose={() => setTesting(undefined)} />}
      {removing !== undefined && <Remove client={client} issuer={removing} onClose={() => setRemoving(undefined)} />}
    </div>
  );
}

function Issuer({ issuer, use, onEdit, onTest, onRemove }: { issuer: TrustedIssuer; use: Use | undefined; onEdit: () => void; onTest: () => void; onRemove: () => void }) {
  return (
    <li className="card">
      <header>
        <h3>{issuer.name}</h3>
        <div className="row">
          <Button small icon={ScanSearch} aria-label={text.testTitle(issuer.name)} onClick={onTest}>{text.test}</Button>
          {can('update:client_credentials') && (
            <Menu trigger={<IconButton icon={Ellipsis} label={text.actionsOf(issuer.name)} />}>
              <MenuItem icon={Pencil} onSelect={onEdit}>{text.edit}</MenuItem>
              <MenuItem icon={Trash2} danger disabled={!can('delete:client_credentials')} onSelect={onRemove}>{text.remove}</MenuItem>
            </Menu>
          )}
        </div>
      </header>
      <div className="body stack tight">
        <p className="anywhere">{sentenceOf(issuer)}</p>
        <dl className="facts">
          <dt>{text.issuer}</dt><dd><CopyLine value={issuer.issuer} what={text.issuer} /></dd>
          <dt>{text.audience}</dt><dd><CopyLine value={issuer.audience} what={text.audience} /></dd>
          <dt>{text.keys}</dt><dd>{issuer.jwks !== undefined && issuer.jwks !== null ? text.keysCards['jwks']![0] : issuer.jwks_uri ? <code className="anywhere">{issuer.jwks_uri}</code> : text.keysCards['discovery']![0]}</dd>
          <dt>{text.lastUsed}</dt><dd><LastUse use={use} /></dd>
        </dl>
      </div>
    </li>
  );
}

function Remove({ client, issuer, onClose }: { client: Client; issuer: TrustedIssuer; onClose: () => void }) {
  const remove = async () => {
    await removeTrustedIssuer(client.client_id, issuer.id);
    toast(text.removed(issuer.name));
  };
  return <ConfirmDialog open onClose={onClose} title={text.removeTitle(issuer.name)} confirm={text.remove} act={remove}><p>{text.removeEffect}</p></ConfirmDialog>;
}

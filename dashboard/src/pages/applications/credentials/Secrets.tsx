import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { revealSecret, type Client } from '../../../api/clients';
import { secretsQuery, type Secret } from '../../../api/secrets';
import { can } from '../../../auth/me';
import { stateOf } from '../../../lib/secrets';
import { showAgo, showDay, showTime } from '../../../lib/time';
import { applications } from '../../../text/applications';
import { credentials as text } from '../../../text/credentials';
import { ui } from '../../../text/ui';
import { Badge, Button, DataTable, ErrorPanel, IconButton, LiveDot, Menu, MenuItem, Nothing, Notice, SecretField, Skeleton, type Column } from '../../../ui';
import { Ellipsis, Pencil, Plus, RotateCw, Trash2 } from '../../../ui/icons';
import { LastUse } from './LastUse';
import { methodOf } from './method';
import { RotateSecret } from './RotateSecret';
import { RetireSecret, SecretDialog } from './secretDialogs';

const DOTS = { waiting: 'off', active: 'on', expired: 'error' } as const;

export const nameOf = (secret: Secret) => secret.name || (secret.is_primary ? text.primary : secret.id);

export function ClientSecrets({ client }: { client: Client }) {
  const secrets = useQuery({ ...secretsQuery(client.client_id), enabled: can('read:client_keys') });
  const [isRotating, setRotating] = useState(false);
  const [editing, setEditing] = useState<Secret | 'new'>();
  const [retiring, setRetiring] = useState<Secret>();
  const isUsed = methodOf(client).startsWith('client_secret');
  const mayChange = can('update:client_keys');
  const columns: Column<Secret>[] = [
    { key: 'name', header: text.secretName, cell: (secret) => <span className="row"><span className="strong anywhere">{nameOf(secret)}</span>{secret.is_primary && secret.name !== text.primary && secret.name !== '' && <Badge>{text.primary}</Badge>}</span> },
    { key: 'state', header: text.state, cell: (secret) => <State secret={secret} /> },
    { key: 'created', header: text.created, cell: (secret) => (secret.created_at === null ? <Nothing /> : showDay(secret.created_at)) },
    { key: 'expires', header: text.expires, cell: (secret) => (secret.expires_at === null ? ui.never : <time dateTime={secret.expires_at} title={showTime(secret.expires_at)}>{showAgo(secret.expires_at)}</time>) },
    { key: 'used', header: text.lastUsed, cell: (secret) => <LastUse use={secret.last_used} /> },
    ...(mayChange ? [{
      key: 'actions', header: applications.list.actions, actions: true,
      cell: (secret: Secret) => !secret.is_primary && (
        <Menu trigger={<IconButton icon={Ellipsis} label={text.actionsOf(nameOf(secret))} />}>
          <MenuItem icon={Pencil} onSelect={() => setEditing(secret)}>{text.editSecret}</MenuItem>
          <MenuItem icon={Trash2} danger onSelect={() => setRetiring(secret)}>{text.retire}</MenuItem>
        </Menu>
      ),
    }] : []),
  ];
  return (
    <section className="card" aria-labelledby="secrets">
      <header>
        <h2 id="secrets">{text.secrets}</h2>
        {mayChange && (
          <div className="row">
            <Button icon={RotateCw} onClick={() => setRotating(true)}>{text.rotate}</Button>
            <Button icon={Plus} onClick={() => setEditing('new')}>{text.addSecret}</Button>
          </div>
        )}
      </header>
      <div className="body stack">
        {isUsed ? <p className="muted">{text.secretsLead}</p> : <Notice>{text.secretUnused}</Notice>}
        <dl className="facts">
          <dt>{applications.clientId}</dt><dd className="mono">{client.client_id}</dd>
          {can('read:client_keys') && <><dt>{text.secret}</dt><dd><SecretField what={applications.secretOf(client.name)} fetch={() => revealSecret(client.client_id)} /></dd></>}
        </dl>
        {can('read:client_keys') && (secrets.isPending ? <Skeleton lines={2} height={28} />
          : secrets.isError ? <ErrorPanel error={secrets.error} retry={() => void secrets.refetch()} />
            : <DataTable label={text.secrets} columns={columns} rows={secrets.data} rowKey={(secret) => secret.id} />)}
      </div>
      <RotateSecret client={client} open={isRotating} onClose={() => setRotating(false)} />
      {editing !== undefined && <SecretDialog client={client} secret={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
      {retiring !== undefined && <RetireSecret client={client} secret={retiring} onClose={() => setRetiring(undefined)} />}
    </section>
  );
}

function State({ secret }: { secret: Secret }) {
  const state = stateOf(secret);
  return (
    <span>
      <LiveDot state={DOTS[state]}>{text.states[state]}</LiveDot>
      {state === 'waiting' && <span className="muted small" style={{ display: 'block' }}>{text.starts} {showTime(secret.starts_at!)}</span>}
    </span>
  );
}

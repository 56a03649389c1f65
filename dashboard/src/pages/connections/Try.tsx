// A login by this connection, as an application would begin it.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { callbacksOf, type Client } from '../../api/clients';
import { config, tenantUrl } from '../../api/config';
import { enabledClientsQuery } from '../../api/connections';
import { endpoints } from '../../lib/endpoints';
import { connections } from '../../text/connections';
import { ButtonLink, CodeBlock, EmptyState, ErrorPanel, Notice, Select, Skeleton, Switch, TextField } from '../../ui';
import { ExternalLink, Play } from '../../ui/icons';
import { isActive } from './kinds';
import { useConnection } from './useConnection';

const text = connections.try;

export default function Try() {
  const { connection } = useConnection();
  const isOpen = connection.is_domain_connection === true;
  const enabled = useQuery({ ...enabledClientsQuery(connection.id), enabled: !isOpen });
  const clients = useQuery({ ...callbacksOf(isOpen ? undefined : (enabled.data ?? [])), enabled: isOpen || enabled.data !== undefined });
  const error = enabled.error ?? clients.error;
  if (error !== null) return <ErrorPanel error={error} retry={() => { void enabled.refetch(); void clients.refetch(); }} />;
  if (clients.data === undefined) return <Skeleton lines={5} height={28} />;
  const isUsable = ({ callbacks = [], grant_types: grants }: Client) => callbacks.length > 0 && grants?.includes('authorization_code') === true;
  return <Login connection={connection} clients={clients.data.filter(isUsable).toSorted((one, other) => one.name.localeCompare(other.name))} />;
}

function Login({ connection, clients }: { connection: ReturnType<typeof useConnection>['connection']; clients: Client[] }) {
  const [chosen, setChosen] = useState<string>();
  const [callback, setCallback] = useState<string>();
  const [hint, setHint] = useState('');
  const [isSignUp, setSignUp] = useState(false);
  const client = clients.find(({ client_id }) => client_id === chosen) ?? clients[0];
  const challenge = useQuery({ queryKey: ['challenge', connection.id], queryFn: makeChallenge, staleTime: Number.POSITIVE_INFINITY });
  if (client === undefined) {
    const toApplications = <ButtonLink to="/connections/$id/applications" params={{ id: connection.id }}>{text.toApplications}</ButtonLink>;
    return <EmptyState icon={Play} title={text.none} actions={toApplications}>{text.noneBody}</EmptyState>;
  }
  const callbacks = client.callbacks ?? [];
  const end = callbacks.find((url) => url === callback) ?? callbacks[0]!;
  const url = addressOf({
    client_id: client.client_id, connection: connection.name, response_type: 'code', redirect_uri: end, scope: 'openid profile email', prompt: 'login', state: 'try',
    code_challenge: challenge.data, code_challenge_method: challenge.data && 'S256', login_hint: hint.trim(), screen_hint: isSignUp ? 'signup' : undefined,
  });
  return (
    <div className="stack measure">
      <p className="muted">{text.lead}</p>
      {!isActive(connection) && <Notice kind="warning">{text.off}</Notice>}
      <Select label={text.application} value={client.client_id} onChange={setChosen} options={clients.map(({ client_id, name }) => ({ value: client_id, label: name }))} />
      <Select label={text.callback} value={end} onChange={setCallback} options={callbacks.map((url) => ({ value: url, label: url }))} />
      <TextField label={text.loginHint} help={text.loginHintHelp} value={hint} onChange={setHint} />
      {connection.options?.disable_signup !== true && <Switch label={text.signup} checked={isSignUp} onChange={setSignUp} />}
      <div className="row">
        <a className="button primary" href={url} target="_blank" rel="noopener"><ExternalLink className="icon" size={16} aria-hidden />{text.open}<span className="sr"> ({text.newWindow})</span></a>
        <ButtonLink to="/logs" search={{ q: `connection:"${connection.name}"` } as never}>{text.log}</ButtonLink>
      </div>
      <CodeBlock label={text.address} what={text.addressOf} code={url} />
      <p className="muted small">{text.note}</p>
    </div>
  );
}

// People log in at their tenant's own host only, where its cookies are.
const AUTHORIZE = config.tenant.isHost ? endpoints.authorize : `${tenantUrl}/authorize`;

function addressOf(parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter((one): one is [string, string] => one[1] !== undefined && one[1] !== '');
  return `${AUTHORIZE}?${new URLSearchParams(given)}`;
}

/** A challenge whose verifier nobody keeps: the code is not meant to be redeemed. */
async function makeChallenge(): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', crypto.getRandomValues(new Uint8Array(32)));
  return btoa(String.fromCharCode(...new Uint8Array(digest))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { createGrant, type ClientGrant } from '../../../api/clientGrants';
import type { Client } from '../../../api/clients';
import type { ResourceServer } from '../../../api/resourceServers';
import { apis as words } from '../../../text/apis';
import { announce, CopyLine, IconButton, refusal, Switch, toast, wordsOf } from '../../../ui';
import { ChevronDown, ChevronRight } from '../../../ui/icons';
import { granted } from '../authorized';
import { mayAsk, type Subject } from './Access';
import { GrantEditor } from './GrantEditor';

/** One application: whether it may call the API, and, opened, what it may do there. */
export function Row({ api, client, grant, subject, isOpen, onOpen, onRemove }: {
  api: ResourceServer;
  client: Client;
  grant: ClientGrant | undefined;
  subject: Subject;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  onRemove: (grant: ClientGrant) => void;
}) {
  const id = useId();
  const [isBusy, setBusy] = useState(false);
  const canAsk = mayAsk(client, subject);
  const isSystem = grant?.is_system === true;
  const right = grant === undefined ? 'create:client_grants' : 'delete:client_grants';
  const total = api.scopes?.length ?? 0;
  const change = async (isOn: boolean) => {
    if (!isOn && grant !== undefined) return onRemove(grant);
    setBusy(true);
    try {
      await createGrant({ client_id: client.client_id, audience: api.identifier, scope: [], ...(subject === 'user' && { subject_type: subject }) });
      announce(words.access.granted(client.name));
      onOpen(true);
    } catch (error) {
      toast(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  const isShown = isOpen && grant !== undefined;
  return (
    <li className="access">
      <div className="line">
        <IconButton
          icon={isShown ? ChevronDown : ChevronRight} label={words.access.open(client.name)} disabled={grant === undefined}
          aria-expanded={isShown} {...(isShown && { 'aria-controls': id })} onClick={() => onOpen(!isOpen)}
        />
        <div className="who">
          <Link to="/applications/$clientId/apis" params={{ clientId: client.client_id }} className="name anywhere">{client.name}</Link>
          <CopyLine value={client.client_id} what={words.access.clientIdOf(client.name)} short />
        </div>
        <span className="held muted small number">
          {grant !== undefined && (total === 0 ? words.access.noScopes : words.access.held(granted(grant, api.scopes ?? []).length, total))}
          {grant === undefined && !canAsk && words.access.cannotAsk}
        </span>
        <Switch
          label={<>{grant === undefined ? words.access.no : words.access.yes}<span className="sr">: {client.name}</span></>}
          checked={grant !== undefined} disabled={isBusy || isSystem || refusal(right) !== undefined || (grant === undefined && !canAsk)} onChange={(isOn) => void change(isOn)}
        />
      </div>
      {isShown && <div className="inside" id={id}><GrantEditor api={api} client={client} grant={grant} subject={subject} /></div>}
    </li>
  );
}

import { Link } from '@tanstack/react-router';
import { isConfidential } from '../../../api/clients';
import { can } from '../../../auth/me';
import { credentials as text } from '../../../text/credentials';
import { Notice, ReadOnly } from '../../../ui';
import { useApplication } from '../useApplication';
import { Keys } from './Keys';
import { Method } from './Method';
import { ClientSecrets } from './Secrets';

export default function Credentials() {
  const { client } = useApplication();
  return (
    <div className="stack loose">
      <ReadOnly scope={can('update:clients') ? 'update:client_credentials' : 'update:clients'} />
      {!isConfidential(client) && <Notice>{text.publicLead}</Notice>}
      <Method client={client} />
      {client.app_type !== 'spa' && client.app_type !== 'native' && (can('read:client_keys') || can('update:client_keys')) && <ClientSecrets client={client} />}
      <Keys client={client} />
      <p className="muted">{text.toFederation} <Link to="/applications/$clientId/federation" params={{ clientId: client.client_id }}>{text.federation}</Link></p>
    </div>
  );
}

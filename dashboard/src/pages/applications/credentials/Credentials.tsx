import { isConfidential } from '../../../api/clients';
import { can } from '../../../auth/me';
import { application } from '../../../text/application';
import { Notice, ReadOnly } from '../../../ui';
import { useApplication } from '../useApplication';
import { Keys } from './Keys';
import { Method } from './Method';
import { ClientSecret } from './Secret';

const text = application.credentials;

export default function Credentials() {
  const { client } = useApplication();
  return (
    <div className="stack loose">
      <ReadOnly scope={can('update:clients') ? 'update:client_credentials' : 'update:clients'} />
      {!isConfidential(client) && <Notice>{text.publicLead}</Notice>}
      <Method client={client} />
      {client.app_type !== 'spa' && client.app_type !== 'native' && (can('read:client_keys') || can('update:client_keys')) && <ClientSecret client={client} />}
      <Keys client={client} />
    </div>
  );
}

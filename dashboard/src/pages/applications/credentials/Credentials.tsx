import { isConfidential } from '../../../api/clients';
import { application } from '../../../text/application';
import { Notice } from '../../../ui';
import { useApplication } from '../useApplication';
import { Keys } from './Keys';
import { Method } from './Method';
import { ClientSecret } from './Secret';

const text = application.credentials;

export default function Credentials() {
  const { client } = useApplication();
  return (
    <div className="stack loose">
      {!isConfidential(client) && <Notice>{text.publicLead}</Notice>}
      <Method client={client} />
      {client.app_type !== 'spa' && client.app_type !== 'native' && <ClientSecret client={client} />}
      <Keys client={client} />
    </div>
  );
}

// What somebody has open and has let in. Each part is shown to those who may see it.
import { can } from '../../../auth/me';
import { user as words } from '../../../text/user';
import { Section } from '../../../ui';
import { useUser } from '../useUser';
import { Consents } from './Consents';
import { Devices } from './Devices';
import { Sessions } from './Sessions';
import { Tokens } from './Tokens';

const text = words.access;

export default function Access() {
  const { user } = useUser();
  return (
    <div className="sections wide">
      {can('read:sessions') && <Section title={text.sessions} lead={text.sessionsLead}><Sessions user={user} /></Section>}
      {can('read:refresh_tokens') && <Section title={text.tokens} lead={text.tokensLead}><Tokens user={user} /></Section>}
      {can('read:device_credentials') && <Section title={text.devices} lead={text.devicesLead}><Devices user={user} /></Section>}
      {can('read:grants') && <Section title={text.consents} lead={text.consentsLead}><Consents user={user} /></Section>}
    </div>
  );
}

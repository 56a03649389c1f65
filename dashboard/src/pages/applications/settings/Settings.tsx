import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { isConfidential } from '../../../api/clients';
import { mayRevoke } from '../../../api/revocations';
import { application } from '../../../text/application';
import { applications } from '../../../text/applications';
import { revocations } from '../../../text/revocations';
import { Allowed, Button, ReadOnly, refusal } from '../../../ui';
import { SaveBar } from '../../../ui/SaveBar';
import { RevokeAll } from '../../revocations/RevokeAll';
import { DeleteApplication } from '../DeleteApplication';
import { useApplication } from '../useApplication';
import { ApplicationMetadata, Certificates, DeviceSettings, Endpoints, GrantTypes, OAuth, WsFederation } from './Advanced';
import { Basic, Properties } from './Basic';
import { RISKY, useSettingsForm } from './form';
import { Logout } from './Logout';
import { Tokens } from './Tokens';
import { Uris } from './Uris';

const text = application.settings;

export default function Settings() {
  const { client, read } = useApplication();
  const navigate = useNavigate();
  const form = useSettingsForm(read);
  const [isDeleting, setDeleting] = useState(false);
  const [isRevoking, setRevoking] = useState(false);
  const refused = refusal('update:clients');
  const parts = { form, client, disabled: refused !== undefined };
  useEffect(() => {
    if (location.hash.length > 1) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, []);
  const advanced: [string, string, ReactNode][] = [
    ['metadata', text.advancedTabs.metadata, <ApplicationMetadata {...parts} />],
    ['device', text.advancedTabs.device, <DeviceSettings {...parts} />],
    ['oauth', text.advancedTabs.oauth, <OAuth {...parts} />],
    ['grants', text.advancedTabs.grants, <GrantTypes {...parts} />],
    ['wsfed', text.advancedTabs.wsfed, <WsFederation {...parts} />],
    ['certificates', text.advancedTabs.certificates, <Certificates client={client} />],
    ['endpoints', text.advancedTabs.endpoints, <Endpoints />],
  ];
  return (
    <div className="two">
      <nav className="side" aria-label={applications.tabs.settings}>
        <ul>
          <Anchor id="basic">{text.sections.basic}</Anchor>
          <Anchor id="properties">{text.sections.properties}</Anchor>
          <Anchor id="uris">{text.sections.uris}</Anchor>
          <Anchor id="logout">{text.sections.logout}</Anchor>
          <Anchor id="tokens">{text.sections.tokens}</Anchor>
          <Anchor id="advanced" inner={advanced.map(([id, label]) => <Anchor key={id} id={id}>{label}</Anchor>)}>{text.sections.advanced}</Anchor>
          <Allowed scope="delete:clients"><Anchor id="danger">{text.sections.danger}</Anchor></Allowed>
        </ul>
      </nav>
      <div className="stack loose">
        <ReadOnly scope="update:clients" />
        <Section id="basic" title={text.sections.basic}><Basic {...parts} secret={isConfidential(client)} /></Section>
        <Section id="properties" title={text.sections.properties}><Properties {...parts} /></Section>
        <Section id="uris" title={text.sections.uris}><Uris {...parts} /></Section>
        <Section id="logout" title={text.sections.logout}><Logout {...parts} /></Section>
        <Section id="tokens" title={text.sections.tokens}><Tokens {...parts} /></Section>
        <h2 id="advanced" tabIndex={-1} style={{ fontSize: 18, marginTop: 16 }}>{text.sections.advanced}</h2>
        {advanced.map(([id, label, part]) => <Section key={id} id={id} title={label} inner>{part}</Section>)}
        <Allowed scope="delete:clients">
          <Section id="danger" title={text.sections.danger} danger>
            {mayRevoke('client') && (
              <div className="row spread">
                <p className="grow">{revocations.clientHelp}</p>
                <Button kind="danger" onClick={() => setRevoking(true)}>{revocations.allButton}</Button>
              </div>
            )}
            <div className="row spread">
              <p className="grow">{text.deleteLead}</p>
              <Button kind="danger" onClick={() => setDeleting(true)}>{applications.remove.button}</Button>
            </div>
          </Section>
        </Allowed>
        <SaveBar form={form} risky={RISKY} refused={refused} />
      </div>
      <RevokeAll open={isRevoking} onClose={() => setRevoking(false)} kind="client" subject={client.client_id} name={client.name} />
      <DeleteApplication client={isDeleting ? client : undefined} onClose={() => setDeleting(false)} onDeleted={() => { form.discard(); void navigate({ to: '/applications' }); }} />
    </div>
  );
}

function Section({ id, title, children, inner, danger }: { id: string; title: string; children: ReactNode; inner?: boolean; danger?: boolean }) {
  const Heading = inner === true ? 'h3' : 'h2';
  return (
    <section className={danger === true ? 'card danger' : 'card'} aria-labelledby={id}>
      <header><Heading id={id} tabIndex={-1}>{title}</Heading></header>
      <div className="body stack">{children}</div>
    </section>
  );
}

function Anchor({ id, children, inner }: { id: string; children: ReactNode; inner?: ReactNode }) {
  const go = (event: React.MouseEvent) => {
    event.preventDefault();
    const heading = document.getElementById(id);
    heading?.scrollIntoView({ block: 'start' });
    heading?.focus({ preventScroll: true });
    history.replaceState(history.state, '', `#${id}`);
  };
  return <li><a href={`#${id}`} onClick={go}>{children}</a>{inner !== undefined && <ul>{inner}</ul>}</li>;
}

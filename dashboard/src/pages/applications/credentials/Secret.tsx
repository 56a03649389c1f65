import { useState } from 'react';
import { config } from '../../../api/config';
import { revealSecret, rotateSecret, type Client } from '../../../api/clients';
import { can } from '../../../auth/me';
import { application } from '../../../text/application';
import { applications } from '../../../text/applications';
import { ui } from '../../../text/ui';
import { Button, ConfirmDialog, CopyButton, download, Notice, SecretField, ShownOnceDialog } from '../../../ui';
import { Download, RotateCw } from '../../../ui/icons';
import { methodOf } from './method';

const text = application.credentials;

export function ClientSecret({ client }: { client: Client }) {
  const [isAsking, setAsking] = useState(false);
  const [fresh, setFresh] = useState<string>();
  const [isCopied, setCopied] = useState(false);
  const isUsed = methodOf(client).startsWith('client_secret');
  const rotate = async () => {
    setCopied(false);
    setFresh((await rotateSecret(client.client_id)).client_secret);
  };
  const env = (secret: string) => `AUTH0_DOMAIN=${config.tenant.domain}\nAUTH0_CLIENT_ID=${client.client_id}\nAUTH0_CLIENT_SECRET=${secret}\n`;
  const asJson = (secret: string) => JSON.stringify({ domain: config.tenant.domain, client_id: client.client_id, client_secret: secret }, null, 2);
  return (
    <section className="card" aria-labelledby="secret">
      <header>
        <h2 id="secret">{text.secret}</h2>
        {can('update:client_keys') && <Button icon={RotateCw} onClick={() => setAsking(true)}>{text.rotate}</Button>}
      </header>
      <div className="body stack">
        {!isUsed && <Notice>{text.secretUnused}</Notice>}
        <dl className="facts">
          <dt>{applications.clientId}</dt><dd className="mono">{client.client_id}</dd>
          {can('read:client_keys') && <><dt>{text.secret}</dt><dd><SecretField what={applications.secretOf(client.name)} fetch={() => revealSecret(client.client_id)} /></dd></>}
        </dl>
      </div>
      <ConfirmDialog open={isAsking} onClose={() => setAsking(false)} title={text.rotateTitle(client.name)} confirm={text.rotate} act={rotate}>
        <p>{text.rotateEffect}</p>
      </ConfirmDialog>
      <ShownOnceDialog
        open={fresh !== undefined} onClose={() => setFresh(undefined)} title={text.rotated} copied={isCopied} again={can('read:client_keys')} notice={text.rotatedNotice}
        actions={fresh !== undefined && (
          <>
            <CopyButton value={env(fresh)} what={ui.copyEnv} label={ui.copyEnv} small={false} onCopied={() => setCopied(true)} />
            <Button icon={Download} onClick={() => { download(`${client.client_id}.json`, asJson(fresh), 'application/json'); setCopied(true); }}>{ui.downloadJson}</Button>
          </>
        )}
      >
        <div className="well row nowrap"><code className="grow anywhere">{fresh}</code>{fresh !== undefined && <CopyButton value={fresh} what={applications.secretOf(client.name)} small={false} onCopied={() => setCopied(true)} />}</div>
        <p className="muted">{text.rotatedLead(client.name)}</p>
      </ShownOnceDialog>
    </section>
  );
}

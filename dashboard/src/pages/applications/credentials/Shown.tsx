import { useState } from 'react';
import { config } from '../../../api/config';
import type { Client } from '../../../api/clients';
import { applications } from '../../../text/applications';
import { ui } from '../../../text/ui';
import { Button, CopyButton, download, ShownOnceDialog } from '../../../ui';
import { Download } from '../../../ui/icons';

/** A secret that was just made. `again` says that it can be read later too. */
export function ShownSecret({ client, secret, title, notice, lead, again = false, onClose }: {
  client: Client;
  secret: string;
  title: string;
  notice?: string;
  lead: string;
  again?: boolean;
  onClose: () => void;
}) {
  const [isCopied, setCopied] = useState(false);
  const env = `AUTH0_DOMAIN=${config.tenant.domain}\nAUTH0_CLIENT_ID=${client.client_id}\nAUTH0_CLIENT_SECRET=${secret}\n`;
  const json = JSON.stringify({ domain: config.tenant.domain, client_id: client.client_id, client_secret: secret }, null, 2);
  return (
    <ShownOnceDialog
      open onClose={onClose} title={title} copied={isCopied} again={again} {...(notice !== undefined && { notice })}
      actions={(
        <>
          <CopyButton value={env} what={ui.copyEnv} label={ui.copyEnv} small={false} onCopied={() => setCopied(true)} />
          <Button icon={Download} onClick={() => { download(`${client.client_id}.json`, json, 'application/json'); setCopied(true); }}>{ui.downloadJson}</Button>
        </>
      )}
    >
      <div className="well row nowrap"><code className="grow anywhere">{secret}</code><CopyButton value={secret} what={applications.secretOf(client.name)} small={false} onCopied={() => setCopied(true)} /></div>
      <p className="muted">{lead}</p>
    </ShownOnceDialog>
  );
}

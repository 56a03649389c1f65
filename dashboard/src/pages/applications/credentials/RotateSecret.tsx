import { useState } from 'react';
import type { Client } from '../../../api/clients';
import { rotateSecret } from '../../../api/secrets';
import { can } from '../../../auth/me';
import { showTime } from '../../../lib/time';
import { credentials as text } from '../../../text/credentials';
import { ConfirmDialog, RadioCards } from '../../../ui';
import { ShownSecret } from './Shown';

/** Asks for how long the old secret stays good, and shows the new one. */
export function RotateSecret({ client, open, onClose }: { client: Client; open: boolean; onClose: () => void }) {
  const [grace, setGrace] = useState('86400');
  const [fresh, setFresh] = useState<{ secret: string; until: number | undefined }>();
  const until = grace === '0' ? undefined : Date.now() + Number(grace) * 1000;
  const rotate = async () => {
    const { client_secret: secret } = await rotateSecret(client.client_id, Number(grace));
    setFresh({ secret: secret ?? '', until });
  };
  return (
    <>
      <ConfirmDialog open={open} onClose={onClose} title={text.rotateTitle(client.name)} confirm={text.rotate} act={rotate} kind={until === undefined ? 'danger-primary' : 'primary'}>
        <p>{text.rotateLead}</p>
        <RadioCards label={text.grace} value={grace} onChange={setGrace} column={190} cards={Object.entries(text.graces).map(([value, [title, help]]) => ({ value, title, help }))} />
        <p>{until === undefined ? text.rotateEffect : text.rotateGraceEffect(showTime(until))}</p>
      </ConfirmDialog>
      {fresh !== undefined && (
        <ShownSecret
          client={client} secret={fresh.secret} title={text.rotated} again={can('read:client_keys')} lead={text.rotatedLead(client.name)}
          notice={fresh.until === undefined ? text.rotatedNotice : text.rotatedGraceNotice(showTime(fresh.until))} onClose={() => setFresh(undefined)}
        />
      )}
    </>
  );
}

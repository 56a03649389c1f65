import { useState } from 'react';
import type { Client } from '../../../api/clients';
import { ApiError } from '../../../api/http';
import { addSecret, retireSecret, updateSecret, type Secret } from '../../../api/secrets';
import { areOrdered } from '../../../lib/secrets';
import { showAgo } from '../../../lib/time';
import { credentials as text } from '../../../text/credentials';
import { ui } from '../../../text/ui';
import { Button, ConfirmDialog, Dialog, ErrorPanel, FieldError, Notice, TextField, toast } from '../../../ui';
import { MomentField } from './MomentField';
import { useAttempt } from '../../../ui/useAttempt';
import { nameOf } from './Secrets';
import { ShownSecret } from './Shown';

/** Makes another secret and shows it, or changes the name and the dates of one. */
export function SecretDialog({ client, secret, onClose }: { client: Client; secret: Secret | undefined; onClose: () => void }) {
  const [name, setName] = useState(secret?.name ?? '');
  const [starts, setStarts] = useState<string | null | undefined>(secret?.starts_at ?? null);
  const [expires, setExpires] = useState<string | null | undefined>(secret?.expires_at ?? null);
  const [isTried, setTried] = useState(false);
  const [made, setMade] = useState<string>();
  const { isBusy, error, attempt } = useAttempt();
  const isNameless = name.trim() === '';
  const isDisordered = starts !== undefined && expires !== undefined && !areOrdered({ starts_at: starts, expires_at: expires });
  const save = async () => {
    setTried(true);
    if (isNameless || isDisordered || starts === undefined || expires === undefined) return;
    await attempt(async () => {
      if (secret === undefined) {
        const { client_secret: value } = await addSecret(client.client_id, { name: name.trim(), ...(starts !== null && { starts_at: starts }), ...(expires !== null && { expires_at: expires }) });
        return setMade(value);
      }
      await updateSecret(client.client_id, secret.id, { name: name.trim(), starts_at: starts, expires_at: expires });
      toast(text.secretSaved(name.trim()));
      onClose();
    });
  };
  if (made !== undefined) return <ShownSecret client={client} secret={made} title={text.secretShown(name.trim())} lead={text.secretShownLead(client.name)} onClose={onClose} />;
  const verb = secret === undefined ? text.addSecret : ui.save;
  return (
    <Dialog
      open onClose={onClose} firm={name !== ''} title={secret === undefined ? text.addSecret : text.editTitle(nameOf(secret))} width={560}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void save()}>{verb}</Button></>}
    >
      <TextField label={text.secretName} help={text.secretNameHelp} required value={name} onChange={setName} maxLength={128} placeholder="web-2" error={isTried && isNameless ? text.secretNameMissing : undefined} />
      <div className="grid" style={{ '--column': '200px' } as object}>
        <MomentField label={text.starts} none={text.now} days={[1, 7]} value={starts} onChange={setStarts} />
        <MomentField label={text.expires} none={text.never} days={[7, 30, 180, 365]} value={expires} onChange={setExpires} />
      </div>
      {isDisordered && <FieldError>{text.orderBad}</FieldError>}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

/** The server refuses it first while the secret is in use, and says who uses it. */
export function RetireSecret({ client, secret, onClose }: { client: Client; secret: Secret; onClose: () => void }) {
  const [isInUse, setInUse] = useState(false);
  const name = nameOf(secret);
  const retire = async () => {
    try {
      await retireSecret(client.client_id, secret.id, isInUse);
    } catch (error) {
      if (error instanceof ApiError && error.errorCode === 'secret_in_use') setInUse(true);
      throw error;
    }
    toast(text.retired(name));
  };
  return (
    <ConfirmDialog open onClose={onClose} title={text.retireTitle(name)} confirm={isInUse ? text.retireAnyway : text.retire} act={retire}>
      <p>{secret.last_used === null ? text.retireUnused : text.retireUsed(showAgo(secret.last_used.at), secret.last_used.ip)}</p>
      <p>{text.retireEffect}</p>
      {isInUse && <Notice kind="warning" live>{text.retireInUse}</Notice>}
    </ConfirmDialog>
  );
}

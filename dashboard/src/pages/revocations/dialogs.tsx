import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { clientsQuery } from '../../api/clients';
import { config } from '../../api/config';
import { signingKeysQuery } from '../../api/keys';
import { resourceServersQuery } from '../../api/resourceServers';
import { mayRevoke, revoke } from '../../api/revocations';
import { can } from '../../auth/me';
import { revocations as text } from '../../text/revocations';
import { ui } from '../../text/ui';
import { Button, Dialog, ErrorPanel, Select, TextArea, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';
import { decode } from '../inspector/decode';
import { RevokeAll } from './RevokeAll';

/** One token by itself. */
export function RevokeOne({ onClose }: { onClose: () => void }) {
  const [pasted, setPasted] = useState('');
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  // A header or a whole answer may be pasted as well.
  const { token } = decode(pasted);
  const act = async () => {
    setTried(true);
    if (token === '') return;
    await attempt(async () => {
      await revoke({ token });
      toast(text.oneDone);
      onClose();
    });
  };
  return (
    <Dialog
      open onClose={onClose} title={text.one} width={600}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="danger-primary" busy={isBusy} onClick={() => void act()}>{text.oneButton}</Button></>}
    >
      <TextArea label={text.token} help={text.tokenHelp} required mono rows={6} value={pasted} onChange={setPasted} placeholder="eyJ…" error={isTried && token === '' ? text.tokenMissing : undefined} />
      <p>{text.oneEffect}</p>
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

type Many = 'client' | 'resource_server' | 'key' | 'tenant';

/** What all tokens can be revoked of here. */
export const KINDS: Many[] = ['client', 'resource_server', 'key', 'tenant'];

/** Chooses of what, and hands it to the question. */
export function RevokeMany({ onClose }: { onClose: () => void }) {
  const [kind, setKind] = useState<Many>(() => KINDS.find(mayRevoke) ?? 'client');
  const [subject, setSubject] = useState('');
  const [isTried, setTried] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const clients = useQuery(clientsQuery());
  const apis = useQuery(resourceServersQuery());
  const keys = useQuery({ ...signingKeysQuery(), enabled: can('read:signing_keys') });
  const all: Record<Many, { value: string; label: string }[]> = {
    client: (clients.data ?? []).map(({ client_id, name }) => ({ value: client_id, label: name })),
    resource_server: (apis.data ?? []).map(({ identifier, name }) => ({ value: identifier, label: name ?? identifier })),
    key: (keys.data ?? []).filter(({ revoked }) => revoked !== true).map(({ kid }) => ({ value: kid, label: kid })),
    tenant: [],
  };
  const chosen = all[kind].find(({ value }) => value === subject);
  if (isAsking) {
    return <RevokeAll open onClose={onClose} kind={kind} subject={kind === 'tenant' ? undefined : subject} name={kind === 'tenant' ? config.tenant.name : (chosen?.label ?? subject)} />;
  }
  const go = () => {
    setTried(true);
    if (kind === 'tenant' || chosen !== undefined) setAsking(true);
  };
  return (
    <Dialog
      open onClose={onClose} title={text.allTitle} width={480} small
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="danger-primary" onClick={go}>{text.allButton}</Button></>}
    >
      <Select label={text.of} value={kind} onChange={(kind) => { setKind(kind); setSubject(''); setTried(false); }} options={KINDS.filter(mayRevoke).map((value) => ({ value, label: text.kinds[value]! }))} />
      {kind !== 'tenant' && (
        <Select
          label={text.which[kind]!} required value={subject} onChange={setSubject} error={isTried && chosen === undefined ? text.chooseMissing : undefined}
          options={[{ value: '', label: text.choose }, ...all[kind]]}
        />
      )}
    </Dialog>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { credentialsQuery, updateClient, type Client } from '../../../api/clients';
import { can } from '../../../auth/me';
import { credentials as text } from '../../../text/credentials';
import { ConfirmDialog, RadioCards, toast } from '../../../ui';
import { useApplication } from '../useApplication';
import { isByKey, methodOf, NEEDS, patchTo, type MethodName } from './method';

const METHODS: MethodName[] = ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'none'];
const PUBLIC = ['spa', 'native'];

/** Takes effect at once, so it asks first. */
export function Method({ client }: { client: Client }) {
  const { read } = useApplication();
  const keys = useQuery(credentialsQuery(client.client_id));
  const [wanted, setWanted] = useState<MethodName>();
  const current = methodOf(client);
  const keysOf = (method: MethodName) =>
    isByKey(method) ? (keys.data ?? []).filter((key) => key.credential_type === NEEDS[method]).map((key) => key.id).slice(0, 2) : [];
  const refusalOf = (method: MethodName): string | undefined =>
    method !== current && isByKey(method) && keysOf(method).length === 0 ? text.needs[method] : undefined;
  const canChange = can('update:clients') && can('update:client_credentials');
  const shown = PUBLIC.includes(client.app_type ?? '') ? METHODS.filter((method) => method === current || method === 'none' || method === 'private_key_jwt') : METHODS;
  const change = async () => {
    if (wanted === undefined) return;
    await updateClient(client.client_id, patchTo(wanted, keysOf(wanted)), read.etag);
    toast(text.changed(text.methods[wanted]![0]));
  };
  return (
    <section className="card" aria-labelledby="method">
      <header><h2 id="method">{text.method}</h2></header>
      <div className="body">
        <RadioCards
          label={text.methodHelp} value={current} onChange={setWanted} column={260}
          cards={shown.map((value) => ({
            value,
            title: text.methods[value]![0],
            help: refusalOf(value) ?? text.methods[value]![1],
            disabled: !canChange || refusalOf(value) !== undefined,
          }))}
        />
      </div>
      <ConfirmDialog
        open={wanted !== undefined} onClose={() => setWanted(undefined)} kind="primary" act={change}
        title={text.changeTitle(wanted === undefined ? '' : text.methods[wanted]![0])} confirm={text.changeButton}
      >
        <p>{text.changeEffect}</p>
      </ConfirmDialog>
    </section>
  );
}

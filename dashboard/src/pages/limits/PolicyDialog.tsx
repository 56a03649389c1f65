import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { clientsQuery } from '../../api/clients';
import { createPolicy, updatePolicy, type PolicyConfiguration, type RateLimitPolicy } from '../../api/limits';
import { limits } from '../../text/limits';
import { ui } from '../../text/ui';
import { Button, Dialog, ErrorPanel, RadioCards, Select, TextField, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';

const text = limits.policies;

type Action = PolicyConfiguration['action'];

/** For whom a policy is cannot be changed afterwards, only what it does. */
export function PolicyDialog({ policy, name, taken, onClose }: { policy: RateLimitPolicy | undefined; name: string; taken: string[]; onClose: () => void }) {
  const old = policy?.configuration;
  const clients = useQuery({ ...clientsQuery(), enabled: policy === undefined });
  const groups = Object.keys(text.selectors).filter((selector) => !taken.includes(selector));
  const [selector, setSelector] = useState(groups[0] ?? 'client');
  const [clientId, setClientId] = useState('');
  const [action, setAction] = useState<Action>(old?.action ?? 'block');
  const [limit, setLimit] = useState(old !== undefined && 'limit' in old ? String(old.limit) : '100');
  const [uri, setUri] = useState(old?.action === 'redirect' ? old.redirect_uri : '');
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const faults = {
    client: policy === undefined && selector === 'client' && clientId === '' ? text.chooseMissing : undefined,
    limit: action !== 'allow' && !(/^\d{1,5}$/.test(limit.trim()) && Number(limit) <= 10_000) ? text.limitBad : undefined,
    uri: action === 'redirect' && !/^https:\/\/[^/\s]+/.test(uri) ? text.redirectBad : undefined,
  };
  const shown = (field: keyof typeof faults) => (isTried ? faults[field] : undefined);
  const save = async () => {
    setTried(true);
    if (Object.values(faults).some((fault) => fault !== undefined)) return;
    const configuration: PolicyConfiguration = action === 'allow' ? { action } : action === 'redirect' ? { action, limit: Number(limit), redirect_uri: uri } : { action, limit: Number(limit) };
    await attempt(async () => {
      if (policy === undefined) await createPolicy(selector === 'client' ? `client_id:${clientId}` : selector, configuration);
      else await updatePolicy(policy.id, configuration);
      toast(policy === undefined ? text.added : text.saved);
      onClose();
    });
  };
  const free = (clients.data ?? []).filter(({ client_id }) => !taken.includes(`client_id:${client_id}`));
  const isPooled = selector === 'third_party_clients' || selector === 'cimd_clients';
  return (
    <Dialog
      open onClose={onClose} title={policy === undefined ? text.add : text.editTitle(name)} width={600}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void save()}>{policy === undefined ? text.add : ui.save}</Button></>}
    >
      {policy === undefined && (
        <Select label={text.for} value={selector} onChange={setSelector} help={selector === 'client' ? undefined : isPooled ? text.pooled : text.apart} options={groups.map((value) => ({ value, label: text.selectors[value]! }))} />
      )}
      {policy === undefined && selector === 'client' && (
        <Select label={text.application} required value={clientId} onChange={setClientId} error={shown('client')} options={[{ value: '', label: text.choose }, ...free.map(({ client_id, name }) => ({ value: client_id, label: name }))]} />
      )}
      <RadioCards label={text.action} value={action} onChange={setAction} column={200} cards={(['block', 'log', 'allow', 'redirect'] as const).map((value) => ({ value, title: text.actionCards[value]![0], help: text.actionCards[value]![1] }))} />
      {action !== 'allow' && <TextField label={text.limit} help={text.limitHelp} required inputMode="numeric" style={{ maxWidth: 120 }} value={limit} onChange={setLimit} error={shown('limit')} />}
      {action === 'redirect' && <TextField label={text.redirectUri} required mono inputMode="url" value={uri} onChange={setUri} error={shown('uri')} />}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

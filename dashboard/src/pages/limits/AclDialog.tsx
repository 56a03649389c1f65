import { useState } from 'react';
import { saveAcl, type NetworkAcl, type NewNetworkAcl } from '../../api/limits';
import { linesOf, wrongAddress } from '../../lib/addresses';
import { actionOf, networksOf, otherSignals, signalsOf, whoOf, withSignals, type AclAction, type AclWho } from '../../lib/networkAcl';
import { limits } from '../../text/limits';
import { protection } from '../../text/protection';
import { ui } from '../../text/ui';
import { Button, Dialog, ErrorPanel, Notice, RadioCards, Select, TextArea, TextField, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';

const text = limits.network;
const cards = <T extends string>(of: T[], words: Record<string, [string, string]>) => of.map((value) => ({ value, title: words[value]![0], help: words[value]![1] }));

export function AclDialog({ acl, next, onClose }: { acl: NetworkAcl | undefined; next: number; onClose: () => void }) {
  const signals = acl === undefined ? {} : signalsOf(acl.rule);
  const [description, setDescription] = useState(acl?.description ?? '');
  const [priority, setPriority] = useState(String(acl?.priority ?? next));
  const [scope, setScope] = useState(acl?.rule.scope ?? 'authentication');
  const [action, setAction] = useState<AclAction>(acl === undefined ? 'block' : actionOf(acl.rule));
  const [uri, setUri] = useState(acl?.rule.action.redirect_uri ?? '');
  const [who, setWho] = useState<AclWho>(acl === undefined ? 'match' : whoOf(acl.rule));
  const [networks, setNetworks] = useState(networksOf(signals).join('\n'));
  const [agents, setAgents] = useState((signals.user_agents ?? []).join('\n'));
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const others = otherSignals(signals);
  const listed = { networks: linesOf(networks), agents: agents.split('\n').map((line) => line.trim()).filter((line) => line !== '') };
  const wrong = wrongAddress(listed.networks);
  const isNothing = who !== 'all' && listed.networks.length + listed.agents.length + others.length === 0;
  const faults = {
    description: description.trim() === '' ? text.descriptionMissing : undefined,
    priority: /^\d{1,3}$/.test(priority.trim()) && Number(priority) >= 1 && Number(priority) <= 100 ? undefined : text.priorityBad,
    uri: action === 'redirect' && !/^https:\/\/[^/\s]+/.test(uri) ? text.redirectBad : undefined,
    networks: who === 'all' ? undefined : wrong !== undefined ? protection.addressBad(wrong) : isNothing ? text.nothing : undefined,
  };
  const shown = (field: keyof typeof faults) => (isTried ? faults[field] : undefined);
  const save = async () => {
    setTried(true);
    if (Object.values(faults).some((fault) => fault !== undefined)) return;
    const rule: NewNetworkAcl['rule'] & { match_all?: boolean } = {
      scope,
      action: { [action]: true, ...(action === 'redirect' && { redirect_uri: uri }) },
      ...(who === 'all' ? { match_all: true } : { [who]: withSignals(signals, listed.networks, listed.agents) }),
    };
    await attempt(async () => {
      await saveAcl(acl?.id, { description: description.trim(), priority: Number(priority), rule, ...(acl === undefined && { active: true }) });
      toast(acl === undefined ? text.added(description.trim()) : text.saved(description.trim()));
      onClose();
    });
  };
  return (
    <Dialog
      open onClose={onClose} firm={description !== ''} title={acl === undefined ? text.add : text.editTitle(acl.description)} width={680}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void save()}>{acl === undefined ? text.add : ui.save}</Button></>}
    >
      <TextField label={text.description} required maxLength={255} value={description} onChange={setDescription} error={shown('description')} />
      <div className="grid" style={{ '--column': '200px' } as object}>
        <Select label={text.scope} value={scope} onChange={setScope} options={Object.entries(text.scopes).map(([value, label]) => ({ value, label }))} />
        <TextField label={text.priority} help={text.priorityHelp} required inputMode="numeric" value={priority} onChange={setPriority} error={shown('priority')} />
      </div>
      <RadioCards label={text.action} value={action} onChange={setAction} column={200} cards={cards<AclAction>(['block', 'allow', 'log', 'redirect'], text.actionCards)} />
      {action === 'redirect' && <TextField label={text.redirectUri} required mono inputMode="url" value={uri} onChange={setUri} error={shown('uri')} />}
      <RadioCards label={text.who} value={who} onChange={setWho} column={180} cards={cards<AclWho>(['match', 'not_match', 'all'], text.whoCards)} />
      {who !== 'all' && (
        <>
          <TextArea label={text.networks} help={text.networksHelp} mono rows={4} value={networks} onChange={setNetworks} error={shown('networks')} />
          <TextArea label={text.agents} help={text.agentsHelp} mono rows={2} value={agents} onChange={setAgents} />
          {others.length > 0 && <Notice>{text.otherSignals(others)}</Notice>}
        </>
      )}
      {scope !== 'dynamic_client_registration' && (action === 'block' || action === 'redirect') && <Notice kind="warning">{text.lockout}</Notice>}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

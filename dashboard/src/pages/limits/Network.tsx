// From where requests may come: rules in the order in which they are tried.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { networkAclsQuery, removeAcl, saveAcl, type NetworkAcl } from '../../api/limits';
import { can } from '../../auth/me';
import { actionOf, networksOf, otherSignals, signalsOf, whoOf } from '../../lib/networkAcl';
import { limits } from '../../text/limits';
import { announce, Button, ConfirmDialog, EmptyState, ErrorPanel, IconButton, Menu, MenuItem, Notice, ReadOnly, Skeleton, Switch, toast, wordsOf } from '../../ui';
import { Ellipsis, Globe, Pencil, Plus, Trash2 } from '../../ui/icons';
import { AclDialog } from './AclDialog';

const text = limits.network;
const UNKNOWABLE = ['asns', 'auth0_managed', 'geo_country_codes', 'geo_subdivision_codes', 'http_message_signature', 'ja3_fingerprints', 'ja4_fingerprints'];

function sentenceOf({ rule }: NetworkAcl): string {
  const signals = signalsOf(rule);
  const values = [...networksOf(signals), ...(signals.user_agents ?? []).map((agent) => `“${agent}”`), ...otherSignals(signals)];
  const who = whoOf(rule);
  return text.sentence(text.verbs[actionOf(rule)]!, text.scopeWords[rule.scope] ?? rule.scope, who === 'all' ? text.everywhere : who === 'match' ? text.from(values) : text.notFrom(values));
}

export default function Network() {
  const acls = useQuery(networkAclsQuery());
  const [editing, setEditing] = useState<NetworkAcl | 'new'>();
  const [removing, setRemoving] = useState<NetworkAcl>();
  if (acls.isPending) return <Skeleton lines={4} height={36} />;
  if (acls.isError) return <ErrorPanel error={acls.error} retry={() => void acls.refetch()} />;
  const add = can('create:network_acls') && <Button icon={Plus} kind={acls.data.length === 0 ? 'primary' : undefined} onClick={() => setEditing('new')}>{text.add}</Button>;
  const highest = Math.max(0, ...acls.data.map(({ priority }) => priority));
  return (
    <div className="stack">
      <ReadOnly scope="create:network_acls" />
      <div className="row spread top"><p className="muted measure grow">{text.lead}</p>{acls.data.length > 0 && add}</div>
      {acls.data.length === 0 ? <EmptyState icon={Globe} title={text.empty} actions={add}>{text.emptyBody}</EmptyState> : (
        <ol className="stack" aria-label={text.list}>
          {acls.data.map((acl) => <Rule key={acl.id} acl={acl} onEdit={() => setEditing(acl)} onRemove={() => setRemoving(acl)} />)}
        </ol>
      )}
      {editing !== undefined && <AclDialog acl={editing === 'new' ? undefined : editing} next={Math.min(highest + 1, 100)} onClose={() => setEditing(undefined)} />}
      {removing !== undefined && (
        <ConfirmDialog
          open onClose={() => setRemoving(undefined)} title={text.removeTitle(removing.description)} confirm={limits.remove}
          act={async () => { await removeAcl(removing.id); toast(text.removed(removing.description)); }}
        >
          <p>{text.removeEffect}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function Rule({ acl, onEdit, onRemove }: { acl: NetworkAcl; onEdit: () => void; onRemove: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const turn = async (active: boolean) => {
    setBusy(true);
    try {
      await saveAcl(acl.id, { active });
      announce(text.turned(acl.description, active));
    } catch (error) {
      toast(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <li className="card">
      <header>
        <div className="row grow"><h2 className="anywhere">{acl.description}</h2><span className="muted small nobreak">{text.priorityOf(acl.priority)}</span></div>
        <div className="row nowrap">
          <Switch label={<><span aria-hidden>{text.active}</span><span className="sr">{text.activeOf(acl.description)}</span></>} checked={acl.active} disabled={!can('update:network_acls') || isBusy} onChange={(on) => void turn(on)} />
          {(can('update:network_acls') || can('delete:network_acls')) && (
            <Menu trigger={<IconButton icon={Ellipsis} label={limits.actionsOf(acl.description)} />}>
              <MenuItem icon={Pencil} disabled={!can('update:network_acls')} onSelect={onEdit}>{limits.edit}</MenuItem>
              <MenuItem icon={Trash2} danger disabled={!can('delete:network_acls')} onSelect={onRemove}>{limits.remove}</MenuItem>
            </Menu>
          )}
        </div>
      </header>
      <div className="body stack tight">
        <p className="anywhere">{sentenceOf(acl)}</p>
        {otherSignals(signalsOf(acl.rule)).some((name) => UNKNOWABLE.includes(name)) && <Notice kind="warning">{text.unknowable}</Notice>}
      </div>
    </li>
  );
}

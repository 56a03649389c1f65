// How often applications may ask: policies, the most exact first.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { clientsAmong } from '../../api/clients';
import { policiesQuery, removePolicy, type PolicyConfiguration, type RateLimitPolicy } from '../../api/limits';
import { can } from '../../auth/me';
import { limits } from '../../text/limits';
import { Button, ConfirmDialog, DataTable, EmptyState, ErrorPanel, IconButton, Menu, MenuItem, ReadOnly, Skeleton, toast, type Column } from '../../ui';
import { Ellipsis, Gauge, Pencil, Plus, Trash2 } from '../../ui/icons';
import { PolicyDialog } from './PolicyDialog';

const text = limits.policies;

/** The client of a selector for one. */
export const clientOf = (selector: string): string | undefined => (selector.startsWith('client_id:') ? selector.slice('client_id:'.length) : undefined);

const sentenceOf = (configuration: PolicyConfiguration) =>
  configuration.action === 'allow' ? text.sentence.allow()
    : configuration.action === 'redirect' ? text.sentence.redirect(configuration.limit, configuration.redirect_uri) : text.sentence[configuration.action](configuration.limit);

export default function RateLimits() {
  const policies = useQuery(policiesQuery());
  const [editing, setEditing] = useState<RateLimitPolicy | 'new'>();
  const [removing, setRemoving] = useState<RateLimitPolicy>();
  const ids = (policies.data ?? []).flatMap((policy) => clientOf(policy.consumer_selector) ?? []);
  const clients = useQuery({ ...clientsAmong(ids), enabled: ids.length > 0 && can('read:clients') });
  if (policies.isPending) return <Skeleton lines={4} height={36} />;
  if (policies.isError) return <ErrorPanel error={policies.error} retry={() => void policies.refetch()} />;
  const nameOf = ({ consumer_selector: selector }: RateLimitPolicy) => {
    const id = clientOf(selector);
    return id === undefined ? (text.selectors[selector] ?? selector) : (clients.data?.find(({ client_id }) => client_id === id)?.name ?? id);
  };
  const mayChange = can('update:rate_limit_policies') || can('delete:rate_limit_policies');
  const columns: Column<RateLimitPolicy>[] = [
    {
      key: 'for', header: text.for, sort: nameOf,
      cell: (policy) => {
        const id = clientOf(policy.consumer_selector);
        return id === undefined ? <span className="strong">{nameOf(policy)}</span> : <Link to="/applications/$clientId/usage" params={{ clientId: id }} className="anywhere">{nameOf(policy)}</Link>;
      },
    },
    { key: 'what', header: text.what, cell: ({ configuration }) => <span className="anywhere">{sentenceOf(configuration)}</span> },
    ...(mayChange ? [{
      key: 'actions', header: limits.actions, actions: true,
      cell: (policy: RateLimitPolicy) => (
        <Menu trigger={<IconButton icon={Ellipsis} label={limits.actionsOf(text.editTitle(nameOf(policy)))} />}>
          <MenuItem icon={Pencil} disabled={!can('update:rate_limit_policies')} onSelect={() => setEditing(policy)}>{limits.edit}</MenuItem>
          <MenuItem icon={Trash2} danger disabled={!can('delete:rate_limit_policies')} onSelect={() => setRemoving(policy)}>{limits.remove}</MenuItem>
        </Menu>
      ),
    }] : []),
  ];
  const add = can('create:rate_limit_policies') && <Button icon={Plus} kind={policies.data.length === 0 ? 'primary' : undefined} onClick={() => setEditing('new')}>{text.add}</Button>;
  return (
    <div className="stack">
      <ReadOnly scope="create:rate_limit_policies" />
      <div className="row spread top"><p className="muted measure grow">{text.lead}</p>{policies.data.length > 0 && add}</div>
      {policies.data.length === 0 ? <EmptyState icon={Gauge} title={text.empty} actions={add}>{text.emptyBody}</EmptyState>
        : <DataTable label={text.table} columns={columns} rows={policies.data} rowKey={({ id }) => id} initialSort="for" />}
      {editing !== undefined && (
        <PolicyDialog policy={editing === 'new' ? undefined : editing} name={editing === 'new' ? '' : nameOf(editing)} taken={policies.data.map((policy) => policy.consumer_selector)} onClose={() => setEditing(undefined)} />
      )}
      {removing !== undefined && (
        <ConfirmDialog
          open onClose={() => setRemoving(undefined)} title={text.removeTitle(nameOf(removing))} confirm={limits.remove}
          act={async () => { await removePolicy(removing.id); toast(text.removed(nameOf(removing))); }}
        >
          <p>{text.removeEffect}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

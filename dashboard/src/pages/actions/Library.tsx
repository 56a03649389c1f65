// Every action, with what is live of it.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { actionsQuery, isRun, removeAction, triggerOf, type Action } from '../../api/actions';
import { can } from '../../auth/me';
import { actions } from '../../text/actions';
import { Badge, Button, ConfirmDialog, DataTable, EmptyState, ErrorPanel, IconButton, LiveDot, Menu, MenuItem, ReadOnly, Skeleton, toast, useSearchParam, type Column } from '../../ui';
import { Ellipsis, FileCode, Plus, Trash2 } from '../../ui/icons';
import { showAgo } from '../../lib/time';
import { CreateAction } from './CreateAction';

const text = actions.library;

export default function Library() {
  const list = useQuery(actionsQuery());
  const navigate = useNavigate();
  const [isCreating, setCreating] = useSearchParam('create');
  const [removing, setRemoving] = useState<Action>();
  if (list.isPending) return <Skeleton lines={4} height={36} />;
  if (list.isError) return <ErrorPanel error={list.error} retry={() => void list.refetch()} />;
  const columns: Column<Action>[] = [
    {
      key: 'name', header: text.name, sort: ({ name }) => name,
      cell: ({ id, name }) => <Link to="/actions/library/$id" params={{ id }} className="name anywhere">{name}</Link>,
    },
    { key: 'trigger', header: text.trigger, sort: triggerOf, cell: (action) => <TriggerName id={triggerOf(action)} /> },
    { key: 'state', header: text.state, cell: (action) => <State of={action} /> },
    { key: 'changed', header: text.changed, sort: ({ updated_at }) => updated_at, cell: ({ updated_at }) => <time dateTime={updated_at}>{showAgo(updated_at)}</time> },
    ...(can('delete:actions') ? [{
      key: 'actions', header: actions.menu, actions: true,
      cell: (action: Action) => (
        <Menu trigger={<IconButton icon={Ellipsis} label={actions.menuOf(action.name)} />}>
          <MenuItem icon={Trash2} danger onSelect={() => setRemoving(action)}>{actions.remove}</MenuItem>
        </Menu>
      ),
    }] : []),
  ];
  const add = can('create:actions') && <Button icon={Plus} kind="primary" onClick={() => setCreating('1')}>{text.add}</Button>;
  return (
    <div className="stack">
      <ReadOnly scope="create:actions" />
      {list.data.length > 0 && add && <div className="row spread"><span className="grow" />{add}</div>}
      {list.data.length === 0 ? <EmptyState icon={FileCode} title={text.empty} actions={add}>{text.emptyBody}</EmptyState>
        : <DataTable label={text.label} columns={columns} rows={list.data} rowKey={({ id }) => id} initialSort="name" onOpen={({ id }) => void navigate({ to: '/actions/library/$id', params: { id } })} />}
      {list.data.some((action) => !isRun(triggerOf(action))) && <p className="muted small measure"><Badge>{text.stored}</Badge> {text.storedHelp}</p>}
      {isCreating === '1' && can('create:actions') && <CreateAction onClose={() => setCreating('')} />}
      {removing !== undefined && (
        <ConfirmDialog
          open onClose={() => setRemoving(undefined)} title={text.removeTitle(removing.name)} confirm={text.removeConfirm}
          act={async () => { await removeAction(removing.id); toast(text.removed(removing.name)); }}
        >
          <p>{text.removeEffect}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

/** A trigger, marked where it is not run. */
export const TriggerName = ({ id }: { id: string }) => (
  <span className="row" style={{ gap: 6 }}><code>{id}</code>{!isRun(id) && <Badge>{text.stored}</Badge>}</span>
);

/** What of an action is live. */
export function State({ of: { deployed_version: version, all_changes_deployed: isLive } }: { of: Action }) {
  if (version === undefined) return <LiveDot state="off">{text.never}</LiveDot>;
  return <LiveDot state={isLive ? 'on' : 'warning'}>{isLive ? text.live(version.number) : text.ahead(version.number)}</LiveDot>;
}

// What came before actions: which there are, and which is enabled.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { enableHook, hooksQuery, removeHook, type Hook } from '../../api/actions';
import { can } from '../../auth/me';
import { actions } from '../../text/actions';
import { ConfirmDialog, DataTable, EmptyState, ErrorPanel, IconButton, ReadOnly, Skeleton, toast, type Column } from '../../ui';
import { FileCode, Trash2 } from '../../ui/icons';
import { useAttempt } from '../../ui/useAttempt';
import { TriggerName } from './Library';

const text = actions.hooks;

export default function Hooks() {
  const hooks = useQuery(hooksQuery());
  const [removing, setRemoving] = useState<Hook>();
  const { error, attempt } = useAttempt();
  if (hooks.isPending) return <Skeleton lines={3} height={36} />;
  if (hooks.isError) return <ErrorPanel error={hooks.error} retry={() => void hooks.refetch()} />;
  const turn = (hook: Hook) => void attempt(async () => {
    await enableHook(hook.id, !hook.enabled);
    toast(text.turned(hook.name, !hook.enabled));
  });
  const columns: Column<Hook>[] = [
    { key: 'name', header: text.name, sort: ({ name }) => name, cell: ({ name }) => <span className="strong anywhere">{name}</span> },
    { key: 'trigger', header: text.trigger, sort: ({ triggerId }) => triggerId, cell: ({ triggerId }) => <TriggerName id={triggerId} /> },
    {
      key: 'enabled', header: text.enabled,
      cell: (hook) => <button type="button" role="switch" className="switch" aria-checked={hook.enabled} aria-label={text.enabledOf(hook.name)} disabled={!can('update:hooks')} onClick={() => turn(hook)} />,
    },
    ...(can('delete:hooks') ? [{
      key: 'actions', header: actions.menu, actions: true,
      cell: (hook: Hook) => <IconButton icon={Trash2} label={text.removeTitle(hook.name).replace('?', '')} onClick={() => setRemoving(hook)} />,
    }] : []),
  ];
  return (
    <div className="stack">
      <ReadOnly scope="update:hooks" />
      <p className="muted measure">{text.lead}</p>
      {error !== undefined && <ErrorPanel error={error} />}
      {hooks.data.length === 0 ? <EmptyState icon={FileCode} title={text.empty}>{text.emptyBody}</EmptyState>
        : <DataTable label={text.label} columns={columns} rows={hooks.data} rowKey={({ id }) => id} initialSort="name" />}
      {removing !== undefined && (
        <ConfirmDialog
          open onClose={() => setRemoving(undefined)} title={text.removeTitle(removing.name)} confirm={text.removeConfirm}
          act={async () => { await removeHook(removing.id); toast(text.removed(removing.name)); }}
        >
          <p>{text.removeEffect}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

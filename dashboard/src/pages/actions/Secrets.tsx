// The secrets of an action: set, set anew, deleted, and never shown.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { actionQuery, saveAction, type Action, type ActionSecret } from '../../api/actions';
import { can } from '../../auth/me';
import { showAgo } from '../../lib/time';
import { actions } from '../../text/actions';
import { ui } from '../../text/ui';
import { Button, ConfirmDialog, DataTable, Dialog, ErrorPanel, IconButton, ReadOnly, TextField, toast, type Column } from '../../ui';
import { Pencil, Plus, Trash2 } from '../../ui/icons';
import { useAttempt } from '../../ui/useAttempt';

const text = actions.secrets;

export default function Secrets() {
  const { id } = useParams({ from: '/actions/library/$id/secrets' });
  const { data } = useQuery(actionQuery(id));
  const [setting, setSetting] = useState<string>();
  const [removing, setRemoving] = useState<string>();
  if (data === undefined) return null;
  const { value: action, etag } = data;
  const isOurs = can('update:actions');
  const names = (secrets: ActionSecret[]) => secrets.map(({ name }) => ({ name }));
  const columns: Column<ActionSecret>[] = [
    { key: 'name', header: text.name, sort: ({ name }) => name, cell: ({ name }) => <code className="anywhere">{name}</code> },
    { key: 'changed', header: text.changed, cell: ({ updated_at }) => (updated_at === undefined ? null : <time dateTime={updated_at}>{showAgo(updated_at)}</time>) },
    ...(isOurs ? [{
      key: 'actions', header: actions.menu, actions: true,
      cell: ({ name }: ActionSecret) => (
        <span className="row nowrap">
          <IconButton icon={Pencil} label={text.setOf(name)} onClick={() => setSetting(name)} />
          <IconButton icon={Trash2} label={text.removeOf(name)} onClick={() => setRemoving(name)} />
        </span>
      ),
    }] : []),
  ];
  return (
    <div className="stack">
      <ReadOnly scope="update:actions" />
      <div className="row spread top"><p className="muted measure grow">{text.lead} {text.deployNote}</p>{isOurs && <Button icon={Plus} onClick={() => setSetting('')}>{text.add}</Button>}</div>
      {action.secrets.length === 0 ? <p className="muted">{text.empty}</p> : <DataTable label={text.label} columns={columns} rows={action.secrets} rowKey={({ name }) => name} />}
      {setting !== undefined && <SetSecret action={action} etag={etag} name={setting} onClose={() => setSetting(undefined)} />}
      {removing !== undefined && (
        <ConfirmDialog
          open onClose={() => setRemoving(undefined)} title={text.removeTitle(removing)} confirm={actions.remove}
          act={async () => {
            await saveAction(action.id, { secrets: names(action.secrets.filter(({ name }) => name !== removing)) }, etag);
            toast(text.removed(removing));
          }}
        >
          <p>{text.removeEffect}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

/** `name` is empty for a new one. */
function SetSecret({ action, etag, name: old, onClose }: { action: Action; etag: string | null; name: string; onClose: () => void }) {
  const [name, setName] = useState(old);
  const [value, setValue] = useState('');
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const isTaken = old === '' && action.secrets.some((secret) => secret.name === name);
  const faults = {
    name: name === '' || name.length > 128 ? text.nameBad : isTaken ? text.taken : undefined,
    value: value === '' || value.length > 4096 ? text.valueBad : undefined,
  };
  const save = async () => {
    setTried(true);
    if (faults.name !== undefined || faults.value !== undefined) return;
    await attempt(async () => {
      // Those that come without a value keep the one they have.
      const others = action.secrets.filter((secret) => secret.name !== name).map((secret) => ({ name: secret.name }));
      await saveAction(action.id, { secrets: [...others, { name, value }] }, etag);
      toast(text.saved(name));
      onClose();
    });
  };
  return (
    <Dialog
      open onClose={onClose} title={old === '' ? text.add : text.setOf(old)} width={480} firm
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void save()}>{ui.save}</Button></>}
    >
      {old === '' && <TextField label={text.name} mono required value={name} onChange={setName} error={isTried ? faults.name : undefined} />}
      <TextField label={text.value} type="password" autoComplete="new-password" required value={value} onChange={setValue} error={isTried ? faults.value : undefined} />
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

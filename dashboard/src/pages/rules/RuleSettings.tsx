// The settings that every rule finds in `configuration`: set, set anew, deleted, and never shown.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { removeSetting, saveSetting, settingsQuery } from '../../api/rules';
import { can } from '../../auth/me';
import { rules } from '../../text/rules';
import { ui } from '../../text/ui';
import { Button, ConfirmDialog, DataTable, Dialog, ErrorPanel, IconButton, Section, Skeleton, TextField, toast, type Column } from '../../ui';
import { Pencil, Plus, Trash2 } from '../../ui/icons';
import { useAttempt } from '../../ui/useAttempt';

const text = rules.settings;

export function RuleSettings() {
  const settings = useQuery({ ...settingsQuery(), enabled: can('read:rules_configs') });
  const [setting, setSetting] = useState<string>();
  const [removing, setRemoving] = useState<string>();
  if (!can('read:rules_configs')) return null;
  const isOurs = can('update:rules_configs');
  const columns: Column<{ key: string }>[] = [
    { key: 'key', header: text.key, cell: ({ key }) => <code className="anywhere">{key}</code> },
    {
      key: 'actions', header: rules.menu, actions: true,
      cell: ({ key }) => (
        <span className="row nowrap">
          {isOurs && <IconButton icon={Pencil} label={text.setOf(key)} onClick={() => setSetting(key)} />}
          {can('delete:rules_configs') && <IconButton icon={Trash2} label={text.removeOf(key)} onClick={() => setRemoving(key)} />}
        </span>
      ),
    },
  ];
  return (
    <Section title={text.title} lead={text.lead} aside={isOurs && <div><Button icon={Plus} onClick={() => setSetting('')}>{text.add}</Button></div>}>
      {settings.isPending ? <Skeleton lines={2} height={36} />
        : settings.isError ? <ErrorPanel error={settings.error} retry={() => void settings.refetch()} />
          : settings.data.length === 0 ? <p className="muted">{text.empty}</p>
            : <DataTable label={text.label} columns={columns} rows={settings.data} rowKey={({ key }) => key} />}
      {setting !== undefined && <SetSetting old={setting} known={settings.data ?? []} onClose={() => setSetting(undefined)} />}
      {removing !== undefined && (
        <ConfirmDialog
          open onClose={() => setRemoving(undefined)} title={text.removeTitle(removing)} confirm={rules.remove}
          act={async () => { await removeSetting(removing); toast(text.removed(removing)); }}
        >
          <p>{text.removeEffect}</p>
        </ConfirmDialog>
      )}
    </Section>
  );
}

/** `old` is empty for a new one. */
function SetSetting({ old, known, onClose }: { old: string; known: { key: string }[]; onClose: () => void }) {
  const [key, setKey] = useState(old);
  const [value, setValue] = useState('');
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const isTaken = old === '' && known.some((setting) => setting.key === key);
  const faults = {
    key: !/^[A-Za-z0-9_\-@*+:]{1,128}$/.test(key) ? text.keyBad : isTaken ? text.taken : undefined,
    value: value === '' || value.length > 4096 ? text.valueBad : undefined,
  };
  const save = async () => {
    setTried(true);
    if (faults.key !== undefined || faults.value !== undefined) return;
    await attempt(async () => {
      await saveSetting(key, value);
      toast(text.saved(key));
      onClose();
    });
  };
  return (
    <Dialog
      open onClose={onClose} title={old === '' ? text.add : text.setOf(old)} width={480} firm
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void save()}>{ui.save}</Button></>}
    >
      {old === '' && <TextField label={text.key} mono required value={key} onChange={setKey} error={isTried ? faults.key : undefined} />}
      <TextField label={text.value} type="password" autoComplete="new-password" required value={value} onChange={setValue} error={isTried ? faults.value : undefined} />
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

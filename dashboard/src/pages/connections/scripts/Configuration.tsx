// What scripts find in `configuration`. A value is saved by itself and never kept in a draft, so that it lies nowhere but
// in the server; what the server shows in its place means the same value when it is sent back.
import { useId, useState } from 'react';
import { updateConnection } from '../../../api/connections';
import { connectionScripts as text } from '../../../text/connectionScripts';
import { ui } from '../../../text/ui';
import { Badge, Button, ConfirmDialog, Dialog, ErrorPanel, IconButton, Section, TextField, toast } from '../../../ui';
import { Pencil, Plus, Trash2 } from '../../../ui/icons';
import { useAttempt } from '../../../ui/useAttempt';
import type { Part } from '../form';

const MOST_KEY = 256;

export function Configuration({ form, disabled, etag }: Part & { etag: string | null }) {
  const [editing, setEditing] = useState<string>();
  const [removing, setRemoving] = useState<string>();
  const keys = Object.keys(form.base.options?.configuration ?? {}).toSorted((one, other) => one.localeCompare(other));
  const reason = form.changes.length > 0 ? text.saveFirst : undefined;
  const put = async (change: (configuration: Record<string, unknown>) => Record<string, unknown>) => {
    const options = form.base.options ?? {};
    await updateConnection(form.base.id, { options: { ...options, configuration: change(options.configuration ?? {}) } }, etag);
  };
  const remove = async (key: string) => {
    await put(({ [key]: _, ...rest }) => rest);
    toast(text.removedValue(key));
  };
  return (
    <Section title={text.configuration} lead={text.configurationLead}>
      {keys.length === 0 ? <p className="muted">{text.configurationEmpty}</p> : (
        <ul className="language-list" aria-label={text.configuration}>
          {keys.map((key) => (
            <li key={key} className="row spread nowrap">
              <code className="anywhere">{key}</code>
              <span className="row nowrap">
                <Badge>{text.sealed}</Badge>
                {!disabled && <IconButton icon={Pencil} label={text.replace(key)} disabled={reason !== undefined} onClick={() => setEditing(key)} />}
                {!disabled && <IconButton icon={Trash2} label={text.remove(key)} disabled={reason !== undefined} onClick={() => setRemoving(key)} />}
              </span>
            </li>
          ))}
        </ul>
      )}
      {!disabled && (
        <div className="row">
          <Button small icon={Plus} reason={reason} onClick={() => setEditing('')}>{text.add}</Button>
          {reason !== undefined && <span className="muted small">{reason}</span>}
        </div>
      )}
      {editing !== undefined && <ValueDialog of={editing} taken={keys} onClose={() => setEditing(undefined)} save={(key, value) => put((configuration) => ({ ...configuration, [key]: value }))} />}
      <ConfirmDialog open={removing !== undefined} onClose={() => setRemoving(undefined)} title={text.removeTitle(removing ?? '')} confirm={text.removeButton} act={() => remove(removing!)}>
        <p>{text.removeEffect}</p>
      </ConfirmDialog>
    </Section>
  );
}

/** A new value, or another one of the key `of`. */
function ValueDialog({ of, taken, save, onClose }: { of: string; taken: string[]; save: (key: string, value: string) => Promise<void>; onClose: () => void }) {
  const id = useId();
  const [key, setKey] = useState(of);
  const [value, setValue] = useState('');
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const name = key.trim();
  const keyFault = name === '' || [...name].length > MOST_KEY ? text.keyBad : undefined;
  const submit = async () => {
    setTried(true);
    if (keyFault !== undefined || value === '') return;
    await attempt(async () => {
      await save(name, value);
      toast(text.savedValue(name));
      onClose();
    });
  };
  return (
    <Dialog
      open onClose={onClose} firm={value !== ''} title={of === '' ? text.add : text.replace(of)} width={520}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} type="submit" form={id}>{text.saveValue}</Button></>}
    >
      <form id={id} className="stack" noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <TextField
          label={text.key} required mono value={key} {...(of === '' && { onChange: setKey })} error={isTried ? keyFault : undefined}
          help={of === '' && taken.includes(name) ? text.keyTaken : undefined}
        />
        <TextField label={text.value} help={text.valueHelp} required mono type="password" autoComplete="new-password" value={value} onChange={setValue} error={isTried && value === '' ? text.valueMissing : undefined} />
      </form>
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

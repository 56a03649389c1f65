import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { createAction, isRun, MACHINES, triggersQuery } from '../../api/actions';
import { actions } from '../../text/actions';
import { ui } from '../../text/ui';
import { Button, Dialog, ErrorPanel, Notice, Select, TextField, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';
import { codeFor } from './sample';

const text = actions.create;

export function CreateAction({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const triggers = useQuery(triggersQuery());
  const [name, setName] = useState('');
  const [trigger, setTrigger] = useState(MACHINES);
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const ids = (triggers.data ?? []).filter(({ status }) => status === 'CURRENT').map(({ id }) => id);
  const create = async () => {
    setTried(true);
    if (name.trim() === '') return;
    await attempt(async () => {
      const made = await createAction({ name: name.trim(), code: codeFor(trigger), supported_triggers: [{ id: trigger }] as never });
      toast(text.created(made.name));
      await navigate({ to: '/actions/library/$id', params: { id: made.id } });
    });
  };
  return (
    <Dialog
      open onClose={onClose} title={text.title} width={520}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void create()}>{text.confirm}</Button></>}
    >
      <TextField label={text.name} required value={name} onChange={setName} maxLength={255} error={isTried && name.trim() === '' ? ui.nameMissing : undefined} />
      <Select
        label={text.trigger} help={text.triggerHelp} value={trigger} onChange={setTrigger}
        options={[MACHINES, ...ids.filter((id) => id !== MACHINES)].map((value) => ({ value, label: value }))}
      />
      {!isRun(trigger) && <Notice kind="warning" live>{text.notRun(trigger)}</Notice>}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { createAction, isRun, MACHINES, RUN, triggersQuery } from '../../api/actions';
import { actions } from '../../text/actions';
import { ui } from '../../text/ui';
import { Button, Dialog, ErrorPanel, Notice, RadioCards, Select, TextField, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';
import { codeFor, EMPTY, templatesOf } from './templates';

const text = actions.create;

export function CreateAction({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const triggers = useQuery(triggersQuery());
  const [name, setName] = useState('');
  const [trigger, setTrigger] = useState(MACHINES);
  const [template, setTemplate] = useState(EMPTY);
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const ids = (triggers.data ?? []).filter(({ status }) => status === 'CURRENT').map(({ id }) => id);
  const templates = templatesOf(trigger);
  const create = async () => {
    setTried(true);
    if (name.trim() === '') return;
    await attempt(async () => {
      const made = await createAction({ name: name.trim(), code: codeFor(trigger, template), supported_triggers: [{ id: trigger }] as never });
      toast(text.created(made.name));
      await navigate({ to: '/actions/library/$id', params: { id: made.id } });
    });
  };
  return (
    <Dialog
      open onClose={onClose} title={text.title} width={640}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void create()}>{text.confirm}</Button></>}
    >
      <TextField label={text.name} required value={name} onChange={setName} maxLength={255} error={isTried && name.trim() === '' ? ui.nameMissing : undefined} />
      <Select
        label={text.trigger} help={text.triggerHelp} value={trigger}
        onChange={(trigger) => { setTrigger(trigger); setTemplate(EMPTY); }}
        // Those that run come first.
        options={[...RUN, ...ids.filter((id) => !isRun(id))].map((value) => ({ value, label: actions.triggerName(value) }))}
      />
      {!isRun(trigger) && <Notice kind="warning" live>{text.notRun(trigger)}</Notice>}
      {templates.length > 1 && (
        <RadioCards
          label={text.template} value={template} onChange={setTemplate} column={220}
          cards={templates.map((value) => ({ value, title: actions.templates[value]![0], help: actions.templates[value]![1] }))}
        />
      )}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

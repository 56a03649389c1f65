import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { createRule } from '../../api/rules';
import { rules } from '../../text/rules';
import { ui } from '../../text/ui';
import { Button, Dialog, ErrorPanel, RadioCards, TextField, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';
import { nameFault } from './name';
import { TEMPLATES } from './templates';

const text = rules.create;
const CARDS = Object.keys(TEMPLATES).map((value) => ({ value, title: rules.templates[value]![0], help: rules.templates[value]![1] }));

export function CreateRule({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [template, setTemplate] = useState('empty');
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const fault = nameFault(name.trim());
  const create = async () => {
    setTried(true);
    if (fault !== undefined) return;
    await attempt(async () => {
      const { id, name: made } = await createRule({ name: name.trim(), script: TEMPLATES[template]!, enabled: false });
      toast(text.created(made));
      await navigate({ to: '/rules/$id', params: { id } });
    });
  };
  return (
    <Dialog
      open onClose={onClose} title={text.title} width={640}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void create()}>{text.confirm}</Button></>}
    >
      <TextField label={text.name} required value={name} onChange={setName} maxLength={255} help={text.nameHelp} error={isTried ? fault : undefined} />
      <RadioCards label={text.template} value={template} onChange={setTemplate} cards={CARDS} column={220} />
      <p className="muted small">{text.off}</p>
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '../../api/http';
import { createRole } from '../../api/userRoles';
import { roles } from '../../text/roles';
import { ui } from '../../text/ui';
import { Button, Dialog, ErrorPanel, TextArea, TextField, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';
import { descriptionFault, MOST, nameFault } from './Settings';

const text = roles.createDialog;

export function CreateRole({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt, forgetError } = useAttempt();
  const isTaken = error instanceof ApiError && error.statusCode === 409;
  const create = async () => {
    setTried(true);
    if (nameFault(name) !== undefined || descriptionFault(description) !== undefined) return;
    await attempt(async () => {
      const role = await createRole({ name: name.trim(), ...(description.trim() !== '' && { description: description.trim() }) });
      toast(text.done(role.name));
      onClose();
      void navigate({ to: '/roles/$roleId/permissions', params: { roleId: role.id } });
    });
  };
  return (
    <Dialog
      open onClose={onClose} title={text.title} width={520} firm={name !== ''}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void create()}>{text.confirm}</Button></>}
    >
      <TextField label={roles.form.fields['name']} help={roles.form.nameHelp} required value={name} onChange={(name) => { forgetError(); setName(name); }} error={isTaken ? roles.form.taken : isTried ? nameFault(name) : undefined} />
      <TextArea label={roles.form.fields['description']} help={roles.form.descriptionHelp} rows={2} counter={MOST} value={description} onChange={setDescription} error={descriptionFault(description)} />
      <p className="muted small">{text.next}</p>
      {error !== undefined && !isTaken && <ErrorPanel error={error} />}
    </Dialog>
  );
}

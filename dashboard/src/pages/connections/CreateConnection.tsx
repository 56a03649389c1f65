import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { clientsPage } from '../../api/clients';
import { createConnection, DATABASE, type Level } from '../../api/connections';
import { ApiError } from '../../api/http';
import { can } from '../../auth/me';
import { connections as words } from '../../text/connections';
import { ui } from '../../text/ui';
import { Button, Dialog, ErrorPanel, Select, Switch, TextField, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';
import { nameFault } from './kinds';
import { LEVELS } from './password/policy';

const text = words.dialog;
const FRESH = { name: '', policy: 'good' as Level, signups: true, everyone: false };
/** With more applications than this they are turned on one by one. */
const MOST = 100;

export function CreateConnection({ open, onClose }: { open: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const nameInput = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(FRESH);
  const [isTried, setTried] = useState(false);
  const [taken, setTaken] = useState<string>();
  const { isBusy, error, attempt, forgetError } = useAttempt();
  const clients = useQuery({ ...clientsPage(0, MOST), enabled: open && can('read:clients') });
  const all = clients.data !== undefined && clients.data.total <= MOST ? clients.data.clients : [];
  const set = (part: Partial<typeof FRESH>) => setTyped({ ...typed, ...part });
  const name = typed.name.trim();
  const fault = nameFault(name) ?? (name === taken ? text.nameTaken : undefined);
  const close = () => {
    setTyped(FRESH);
    setTried(false);
    setTaken(undefined);
    forgetError();
    onClose();
  };
  const create = async () => {
    setTried(true);
    if (fault !== undefined) return nameInput.current?.focus();
    await attempt(async () => {
      try {
        const enabled_clients = typed.everyone ? all.map(({ client_id }) => client_id) : [];
        const { id } = await createConnection({ name, strategy: DATABASE, enabled_clients, options: { passwordPolicy: typed.policy, disable_signup: !typed.signups } });
        close();
        toast(text.created(name));
        await navigate({ to: '/connections/$id/settings', params: { id } });
      } catch (error) {
        if (!(error instanceof ApiError && error.statusCode === 409)) throw error;
        setTaken(name);
        nameInput.current?.focus();
      }
    });
  };
  return (
    <Dialog
      open={open} onClose={close} firm={typed.name !== ''} title={words.create} width={560}
      footer={<><Button onClick={close}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} type="submit" form="create-connection">{words.create}</Button></>}
    >
      <form id="create-connection" className="stack" noValidate onSubmit={(event) => { event.preventDefault(); void create(); }}>
        <TextField
          ref={nameInput} label={words.name} help={text.nameHelp} required value={typed.name} onChange={(name) => set({ name })}
          error={isTried || name === taken || /[^a-zA-Z0-9-]/.test(name) ? fault : undefined}
        />
        <Select label={text.policy} value={typed.policy} onChange={(policy) => set({ policy })} help={words.password.choices[typed.policy]![1]} options={LEVELS.map((value) => ({ value, label: words.password.choices[value]![0] }))} />
        <Switch label={text.signups} help={text.signupsHelp} checked={typed.signups} onChange={(signups) => set({ signups })} />
        {all.length > 0 && <Switch label={text.everyone} help={text.everyoneHelp} checked={typed.everyone} onChange={(everyone) => set({ everyone })} />}
      </form>
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

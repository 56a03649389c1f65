import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { connectionsOfPeople, enabledClientsQuery, isDatabase } from '../../api/connections';
import { ApiError } from '../../api/http';
import { createUser, nameOf, type NewUser } from '../../api/users';
import { can } from '../../auth/me';
import { ui } from '../../text/ui';
import { users } from '../../text/users';
import { Button, Checkbox, Dialog, ErrorPanel, Notice, Select, Skeleton, TextField, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';
import { identifiersOf, isEmail, isPhone, MADE_HERE, phoneOf } from './connections';
import { PasswordField } from './PasswordField';
import { useConnectionNamed } from './useConnectionNamed';

const text = users.createDialog;

export default function CreateUser({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const read = useQuery(connectionsOfPeople());
  const connections = read.data?.filter(({ strategy }) => MADE_HERE.includes(strategy));
  const [chosen, setChosen] = useState('');
  const [of, setOf] = useState({ email: '', username: '', phone_number: '', name: '', password: '' });
  const [isVerified, setVerified] = useState(false);
  const [writes, setWrites] = useState(false);
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt, forgetError } = useAttempt();
  const name = chosen || (connections?.find(isDatabase) ?? connections?.[0])?.name || '';
  const connection = useConnectionNamed(name);
  const applications = useQuery({ ...enabledClientsQuery(connection?.id ?? ''), enabled: connection !== undefined });
  const kinds = identifiersOf(connection);
  // Without the right to see connections, the database decides what it takes.
  const needsAll = connection !== undefined;
  const takesPassword = connection === undefined || isDatabase(connection);
  const given = { email: of.email.trim(), username: of.username.trim(), phone_number: of.phone_number.trim() };
  const isNothing = !needsAll && kinds.every((kind) => given[kind] === '');
  const faults = {
    connection: name.trim() === '' ? text.missing.connection : undefined,
    email: kinds.includes('email') ? (given.email === '' ? (needsAll && kinds[0] === 'email' ? text.missing.email : isNothing ? text.missing.any : undefined) : isEmail(given.email) ? undefined : text.bad) : undefined,
    username: kinds.includes('username') && needsAll && given.username === '' ? text.missing.username : undefined,
    phone_number: kinds.includes('phone_number') ? (given.phone_number === '' ? (needsAll && kinds[0] === 'phone_number' ? text.missing.phone : undefined) : isPhone(given.phone_number) ? undefined : text.phoneBad) : undefined,
    password: takesPassword && of.password === '' ? text.missing.password : undefined,
  };
  const isTaken = error instanceof ApiError && error.statusCode === 409;
  const shown = (field: keyof typeof faults) => (isTried ? faults[field] : undefined);
  const set = (field: keyof typeof of) => (value: string) => {
    forgetError();
    setOf({ ...of, [field]: value });
  };
  const create = async () => {
    setTried(true);
    if (Object.values(faults).some((fault) => fault !== undefined)) return;
    const has = (kind: keyof typeof given) => kinds.includes(kind) && given[kind] !== '';
    const body: NewUser = {
      connection: name,
      ...(has('email') && { email: given.email, email_verified: isVerified, ...(writes && !isVerified && { verify_email: true }) }),
      ...(has('username') && { username: given.username }),
      ...(has('phone_number') && { phone_number: phoneOf(given.phone_number) }),
      ...(of.name.trim() !== '' && { name: of.name.trim() }),
      ...(takesPassword && { password: of.password }),
    };
    await attempt(async () => {
      const user = await createUser(body);
      toast(text.done(nameOf(user)));
      onClose();
      void navigate({ to: '/users/$userId/details', params: { userId: user.user_id } });
    });
  };
  return (
    <Dialog
      open onClose={onClose} title={text.title} width={560} firm={Object.values(of).some((value) => value !== '')}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void create()}>{text.confirm}</Button></>}
    >
      {read.isError ? <ErrorPanel error={read.error} retry={() => void read.refetch()} />
        : !can('read:connections') ? <TextField label={text.connection} help={text.connectionName} required value={chosen} onChange={setChosen} error={shown('connection')} />
          : connections === undefined ? <Skeleton lines={2} height={34} />
            : connections.length === 0 ? <Notice kind="warning">{text.noConnections}</Notice>
              : <Select label={text.connection} help={text.connectionHelp} required value={name} onChange={setChosen} options={connections.map(({ name, display_name }) => ({ value: name, label: display_name || name }))} />}
      {connection !== undefined && applications.data?.length === 0 && <Notice kind="warning">{text.noApplication}</Notice>}
      {kinds.includes('email') && (
        <TextField
          data-autofocus label={text.email} help={text.emailHelp} required={needsAll} type="email" inputMode="email" value={of.email} onChange={set('email')} error={isTaken && given.email !== '' ? text.taken : shown('email')}
        />
      )}
      {kinds.includes('username') && <TextField label={text.username} required={needsAll} autoCapitalize="none" value={of.username} onChange={set('username')} error={isTaken && given.email === '' ? text.taken : shown('username')} />}
      {kinds.includes('phone_number') && <TextField label={text.phone} help={text.phoneHelp} required={needsAll} type="tel" inputMode="tel" value={of.phone_number} onChange={set('phone_number')} error={shown('phone_number')} />}
      <TextField label={text.name} value={of.name} onChange={set('name')} maxLength={300} />
      {takesPassword && <PasswordField label={text.password} help={text.passwordHelp} value={of.password} onChange={set('password')} error={shown('password')} />}
      {kinds.includes('email') && given.email !== '' && (
        <div className="stack tight">
          <Checkbox label={text.verified} checked={isVerified} onChange={setVerified} />
          {!isVerified && <Checkbox label={text.verify} checked={writes} onChange={setWrites} />}
        </div>
      )}
      {error !== undefined && !isTaken && <ErrorPanel error={error} />}
    </Dialog>
  );
}

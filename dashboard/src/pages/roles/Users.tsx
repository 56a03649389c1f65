import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { addMembers, membersPage, removeRoles, type Role } from '../../api/userRoles';
import { nameOf, type User } from '../../api/users';
import { can } from '../../auth/me';
import { roles } from '../../text/roles';
import { ui } from '../../text/ui';
import { Button, DataTable, Dialog, EmptyState, ErrorPanel, IconButton, Nothing, refusal, Skeleton, toast, useSearchParam, wordsOf, type Column } from '../../ui';
import { Plus, Trash2, Users as UsersIcon, X } from '../../ui/icons';
import { Pages } from '../../ui/Pages';
import { useAttempt } from '../../ui/useAttempt';
import { PersonPicker } from '../users/PersonPicker';
import { maySeePeople } from './people';
import { useRole } from './useRole';

const text = roles.users;
const PER_PAGE = 50;

export default function Users() {
  const { role } = useRole();
  const [pageText, setPage] = useSearchParam('page', '1');
  const [isAdding, setAdding] = useState(false);
  const page = Math.max(Number.parseInt(pageText, 10) || 1, 1);
  const read = useQuery({ ...membersPage(role.id, page - 1, PER_PAGE), enabled: maySeePeople(), placeholderData: (before) => before });
  if (!maySeePeople()) return <EmptyState icon={UsersIcon} title={text.unseen}>{refusal('read:users')}</EmptyState>;
  if (read.isPending) return <Skeleton lines={4} height={36} />;
  if (read.isError) return <ErrorPanel error={read.error} retry={() => void read.refetch()} />;
  const remove = async (user: User) => {
    try {
      await removeRoles(user.user_id, [role.id]);
      toast(text.removed(role.name, nameOf(user)), { undo: () => addMembers(role.id, [user.user_id]).catch((error: unknown) => toast(wordsOf(error))) });
    } catch (error) {
      toast(wordsOf(error));
    }
  };
  const columns: Column<User>[] = [
    {
      key: 'name', header: text.name,
      cell: (user) => (can('read:users') ? <Link className="name anywhere" to="/users/$userId/roles" params={{ userId: user.user_id }}>{nameOf(user)}</Link> : <span className="strong anywhere">{nameOf(user)}</span>),
    },
    { key: 'email', header: text.email, cell: ({ email }) => (email ? <span className="anywhere">{email}</span> : <Nothing />) },
    ...(can('delete:role_members') || can('update:users')
      ? [{ key: 'actions', header: text.actions, actions: true, cell: (user: User) => <IconButton icon={Trash2} label={text.removeOf(nameOf(user))} onClick={() => void remove(user)} /> }] : []),
  ];
  const mayAdd = (can('create:role_members') || can('update:roles')) && can('read:users');
  const add = mayAdd && <Button icon={Plus} kind={read.data.total === 0 ? 'primary' : undefined} onClick={() => setAdding(true)}>{text.add}</Button>;
  return (
    <div className="stack">
      {read.data.total === 0 ? <EmptyState icon={UsersIcon} title={text.empty} actions={add}>{text.emptyBody}</EmptyState> : (
        <>
          <div className="row spread top"><p className="muted measure grow">{text.lead} <span className="number">{text.count(read.data.total)}.</span></p>{add}</div>
          <DataTable label={text.table} columns={columns} rows={read.data.users} rowKey={({ user_id }) => user_id} />
          <Pages page={page} of={Math.ceil(read.data.total / PER_PAGE)} onPage={(page) => setPage(String(page))} />
        </>
      )}
      {isAdding && <Assign role={role} onClose={() => setAdding(false)} />}
    </div>
  );
}

function Assign({ role, onClose }: { role: Role; onClose: () => void }) {
  const [chosen, setChosen] = useState<User[]>([]);
  const { isBusy, error, attempt } = useAttempt();
  const save = () => attempt(async () => {
    await addMembers(role.id, chosen.map(({ user_id }) => user_id));
    toast(text.assigned(chosen.length));
    onClose();
  });
  return (
    <Dialog
      open onClose={onClose} title={text.dialogTitle(role.name)} width={600} firm={chosen.length > 0}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} reason={chosen.length === 0 ? text.missing : undefined} onClick={() => void save()}>{text.confirm(chosen.length)}</Button></>}
    >
      <PersonPicker chosen={chosen} onChange={setChosen} />
      {chosen.length > 0 && (
        <ul className="row" aria-label={text.chosen}>
          {chosen.map((user) => (
            <li key={user.user_id} className="chip"><span className="clip">{nameOf(user)}</span><IconButton icon={X} small label={text.unchoose(nameOf(user))} onClick={() => setChosen(chosen.filter((one) => one !== user))} /></li>
          ))}
        </ul>
      )}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

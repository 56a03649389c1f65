import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { assignRoles, removeRoles, rolesOfUser, rolesQuery, type Role } from '../../api/userRoles';
import { nameOf, type User } from '../../api/users';
import { can } from '../../auth/me';
import { ui } from '../../text/ui';
import { user as words } from '../../text/user';
import { Button, ButtonLink, DataTable, Dialog, EmptyState, ErrorPanel, FilterInput, IconButton, Nothing, refusal, Skeleton, toast, wordsOf, type Column } from '../../ui';
import { Plus, Tags, Trash2 } from '../../ui/icons';
import { useAttempt } from '../../ui/useAttempt';
import { useUser } from './useUser';

const text = words.roles;
const mayAssign = () => can('create:role_members') || can('update:users');
const mayRemove = () => can('delete:role_members') || can('update:users');

export default function Roles() {
  const { user } = useUser();
  const read = useQuery(rolesOfUser(user.user_id));
  const [isAssigning, setAssigning] = useState(false);
  if (read.isPending) return <Skeleton lines={3} height={36} />;
  if (read.isError) return <ErrorPanel error={read.error} retry={() => void read.refetch()} />;
  const remove = async (role: Role) => {
    try {
      await removeRoles(user.user_id, [role.id]);
      toast(text.removed(role.name), { undo: () => assignRoles(user.user_id, [role.id]).catch((error: unknown) => toast(wordsOf(error))) });
    } catch (error) {
      toast(wordsOf(error));
    }
  };
  const columns: Column<Role>[] = [
    { key: 'name', header: text.name, sort: ({ name }) => name, cell: ({ id, name }) => <Link className="name anywhere" to="/roles/$roleId/permissions" params={{ roleId: id }}>{name}</Link> },
    { key: 'description', header: text.description, cell: ({ description }) => (description ? <span className="anywhere">{description}</span> : <Nothing />) },
    ...(mayRemove() ? [{ key: 'actions', header: text.actions, actions: true, cell: (role: Role) => <IconButton icon={Trash2} label={text.removeOf(role.name)} onClick={() => void remove(role)} /> }] : []),
  ];
  const assign = mayAssign() && <Button icon={Plus} kind={read.data.length === 0 ? 'primary' : undefined} onClick={() => setAssigning(true)}>{text.assign}</Button>;
  return (
    <div className="stack">
      {read.data.length === 0 ? <EmptyState icon={Tags} title={text.empty} actions={assign}>{text.emptyBody}</EmptyState> : (
        <>
          <div className="row spread top"><p className="muted measure grow">{text.lead}</p>{assign}</div>
          <DataTable label={text.table} columns={columns} rows={read.data} rowKey={({ id }) => id} initialSort="name" />
        </>
      )}
      {isAssigning && <Assign user={user} held={read.data} onClose={() => setAssigning(false)} />}
    </div>
  );
}

function Assign({ user, held, onClose }: { user: User; held: Role[]; onClose: () => void }) {
  const id = useId();
  const all = useQuery({ ...rolesQuery(), enabled: can('read:roles') });
  const [q, setQ] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const { isBusy, error, attempt } = useAttempt();
  const free = all.data?.filter((role) => !held.some(({ id }) => id === role.id)).sort((one, other) => one.name.localeCompare(other.name));
  const shown = free?.filter(({ name, description }) => `${name} ${description ?? ''}`.toLowerCase().includes(q.trim().toLowerCase()));
  const toggle = (role: string) => setChosen(chosen.includes(role) ? chosen.filter((one) => one !== role) : [...chosen, role]);
  const save = () => attempt(async () => {
    await assignRoles(user.user_id, chosen);
    toast(text.assigned(chosen.length));
    onClose();
  });
  return (
    <Dialog
      open onClose={onClose} title={text.dialogTitle(nameOf(user))} width={560} firm={chosen.length > 0}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} reason={chosen.length === 0 ? text.missing : undefined} onClick={() => void save()}>{text.confirm(chosen.length)}</Button></>}
    >
      {refusal('read:roles') !== undefined ? <p>{refusal('read:roles')}</p>
        : all.isError ? <ErrorPanel error={all.error} retry={() => void all.refetch()} />
          : shown === undefined || free === undefined ? <Skeleton lines={4} height={28} />
            : free.length === 0 ? <EmptyState icon={Tags} title={text.none} actions={can('create:roles') && <ButtonLink to="/roles" search={{ create: '1' } as never}>{text.create}</ButtonLink>} />
              : (
                <>
                  {free.length > 6 && <div className="row"><FilterInput value={q} onChange={setQ} label={text.filter} /></div>}
                  <div className="scopes" role="group" aria-label={text.table}>
                    {shown.length === 0 && <p className="muted" style={{ padding: 12 }}>{ui.noMatch(q)}</p>}
                    {shown.map((role) => (
                      <div className="check" key={role.id}>
                        <input type="checkbox" id={`${id}${role.id}`} checked={chosen.includes(role.id)} onChange={() => toggle(role.id)} />
                        <label htmlFor={`${id}${role.id}`}><span className="strong anywhere">{role.name}</span><span className="help anywhere">{role.description}</span></label>
                      </div>
                    ))}
                  </div>
                </>
              )}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

import type { QueryKey } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { queryClient } from '../../api/query';
import { nameOf, updateUser, type User, type UserPage } from '../../api/users';
import { can } from '../../auth/me';
import { showAgo, showDay, showNumber, showTime } from '../../lib/time';
import { ui } from '../../text/ui';
import { users as text } from '../../text/users';
import { Badge, copyText, DataTable, IconButton, Menu, MenuItem, MenuSeparator, Nothing, toast, wordsOf, type Column } from '../../ui';
import { Copy, Ellipsis, LockOpen, ScrollText, ShieldX, Trash2, UserRound, Users } from '../../ui/icons';
import { NEWEST } from './List';

// The server has sorted them; the header asks it to do so otherwise.
const byServer = () => 0;

/** The people of a page. `queryKey` is what it was read by, so that a change shows before the server has made it. */
export function Table({ users, queryKey, onDelete }: { users: User[]; queryKey: QueryKey; onDelete: (user: User) => void }) {
  const navigate = useNavigate();
  const go = (user: User, tab: string) => void navigate({ to: `/users/$userId/${tab}`, params: { userId: user.user_id } } as never);
  const block = async (user: User, blocked: boolean) => {
    const show = (blocked: boolean) =>
      queryClient.setQueryData<UserPage>(queryKey, (page) => page && { ...page, users: page.users.map((one) => (one.user_id === user.user_id ? { ...one, blocked } : one)) });
    show(blocked);
    try {
      await updateUser(user.user_id, { blocked });
      toast((blocked ? text.nowBlocked : text.nowUnblocked)(nameOf(user)), { undo: () => block(user, !blocked) });
    } catch (error) {
      show(!blocked);
      toast(wordsOf(error));
    }
  };
  const columns: Column<User>[] = [
    {
      key: 'name', header: text.columns.name, sort: byServer, width: '34%',
      cell: (user) => (
        <div>
          <Link className="name anywhere" to="/users/$userId/details" params={{ userId: user.user_id }}>{nameOf(user)}</Link>
          <div className="muted small anywhere">{underName(user).join(' · ')}</div>
        </div>
      ),
    },
    {
      key: 'connection', header: text.columns.connection,
      cell: ({ identities = [] }) => (identities[0] === undefined ? <Nothing /> : <span className="anywhere">{identities[0].connection}{identities.length > 1 && <span className="muted small"> {text.more(identities.length - 1)}</span>}</span>),
    },
    { key: 'logins_count', header: text.columns.logins, end: true, sort: byServer, cell: (user) => showNumber(user.logins_count ?? 0) },
    {
      key: 'last_login', header: text.columns.lastLogin, sort: byServer,
      cell: ({ last_login: at }) => (at === undefined ? <span className="muted">{text.never}</span> : <time className="nobreak" dateTime={at} title={showTime(at)}>{showAgo(at)}</time>),
    },
    { key: 'created_at', header: text.columns.created, sort: byServer, cell: ({ created_at: at }) => (at === undefined ? <Nothing /> : <time className="nobreak" dateTime={at} title={showTime(at)}>{showDay(at)}</time>) },
    { key: 'state', header: text.columns.state, cell: (user) => (user.blocked === true ? <Badge kind="danger">{text.blocked}</Badge> : <span className="muted">{text.active}</span>) },
    {
      key: 'actions', header: text.columns.actions, actions: true,
      cell: (user) => (
        <Menu trigger={<IconButton icon={Ellipsis} label={text.actionsOf(nameOf(user))} />}>
          <MenuItem icon={UserRound} onSelect={() => go(user, 'details')}>{text.open}</MenuItem>
          <MenuItem icon={Users} onSelect={() => go(user, 'roles')}>{text.toRoles}</MenuItem>
          <MenuItem icon={ScrollText} onSelect={() => go(user, 'logs')}>{text.toLogs}</MenuItem>
          <MenuItem icon={Copy} onSelect={() => void copyText(user.user_id).then((done) => toast(done ? ui.copied(text.idOf(nameOf(user))) : ui.copyFailed))}>{text.copyId}</MenuItem>
          {can('update:users') && (
            <>
              <MenuSeparator />
              <MenuItem icon={user.blocked === true ? LockOpen : ShieldX} onSelect={() => void block(user, user.blocked !== true)}>{user.blocked === true ? text.unblock : text.block}</MenuItem>
            </>
          )}
          {can('delete:users') && <><MenuSeparator /><MenuItem icon={Trash2} danger onSelect={() => onDelete(user)}>{text.remove.button}</MenuItem></>}
        </Menu>
      ),
    },
  ];
  return <DataTable label={text.table} columns={columns} rows={users} rowKey={(user) => user.user_id} initialSort={NEWEST} onOpen={(user) => go(user, 'details')} />;
}

/** What somebody logs in with, where that is not what they are called, and what is to be known of it. */
function underName(user: User): string[] {
  const name = nameOf(user);
  const other = [user.email, user.username, user.phone_number].find((one) => one !== undefined && one !== name);
  return [...(other === undefined ? [] : [other]), ...(user.email !== undefined && user.email_verified !== true ? [text.unverified] : [])];
}

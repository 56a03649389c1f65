import { deleteUser, nameOf, type User } from '../../api/users';
import { users } from '../../text/users';
import { ConfirmDialog, toast } from '../../ui';

const text = users.remove;

/** Names the person and all that goes with them. */
export function DeleteUser({ user, onClose, onDeleted }: { user: User | undefined; onClose: () => void; onDeleted?: () => void }) {
  const name = user === undefined ? '' : nameOf(user);
  const accounts = (user?.identities?.length ?? 1) - 1;
  const remove = async () => {
    if (user === undefined) return;
    await deleteUser(user.user_id);
    onDeleted?.();
    toast(text.done(name));
  };
  return (
    <ConfirmDialog open={user !== undefined} onClose={onClose} title={text.title(name)} confirm={text.button} act={remove}>
      <p className="anywhere">{text.id}: <code>{user?.user_id}</code></p>
      <p>{text.effect}{accounts > 0 && ` ${text.accounts(accounts)}`}</p>
      <p className="strong">{text.final}</p>
    </ConfirmDialog>
  );
}

import { clearUserBlocks, type UserBlock } from '../../api/userAccess';
import { nameOf, type User } from '../../api/users';
import { refusal } from '../../ui/Allowed';
import { user as words } from '../../text/user';
import { Button, ErrorPanel, Notice, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';

const text = words.locks;

/** Says that failed logins keep somebody out, and ends that. */
export function Locks({ user, locks }: { user: User; locks: UserBlock[] }) {
  const { isBusy, error, attempt } = useAttempt();
  if (locks.length === 0) return null;
  const clear = () => attempt(async () => {
    await clearUserBlocks(user.user_id);
    toast(text.cleared(nameOf(user)));
  });
  return (
    <div className="stack tight" style={{ marginBottom: 16 }}>
      <Notice kind="warning" action={<Button small busy={isBusy} reason={refusal('update:users')} onClick={() => void clear()}>{text.clear}</Button>}>
        <p className="strong">{text.title}</p>
        <p>{text.body(locks.length)} {text.from} {locks.map(({ ip }) => ip ?? text.everywhere).join(', ')}.</p>
      </Notice>
      {error !== undefined && <ErrorPanel error={error} />}
    </div>
  );
}

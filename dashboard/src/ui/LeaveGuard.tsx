import { useBlocker } from '@tanstack/react-router';
import { basePath } from '../api/config';
import { draftStore } from '../lib/drafts';
import { shell } from '../text/shell';
import { Button } from './Button';
import { Dialog } from './Dialog';

/** Asks before a walk that would lose unsaved edits; once, in the shell. */
export function LeaveGuard() {
  const inside = (path: string) => path.replace(new RegExp(`^${basePath}(?=/|$)`), '') || '/';
  const blocker = useBlocker({
    shouldBlockFn: ({ next }) => draftStore.lostAt(inside(next.pathname)).length > 0,
    enableBeforeUnload: false,
    withResolver: true,
  });
  const isBlocked = blocker.status === 'blocked';
  const leave = () => {
    if (blocker.status !== 'blocked') return;
    for (const key of draftStore.lostAt(inside(blocker.next.pathname))) draftStore.drop(key);
    blocker.proceed();
  };
  return (
    <Dialog
      open={isBlocked} onClose={() => blocker.reset?.()} title={shell.leave.title} small width={440}
      footer={<><Button onClick={leave}>{shell.leave.discard}</Button><Button kind="primary" onClick={() => blocker.reset?.()}>{shell.leave.stay}</Button></>}
    >
      <p>{shell.leave.body}</p>
    </Dialog>
  );
}

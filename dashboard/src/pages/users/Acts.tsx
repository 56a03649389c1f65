// What is done with a person, whichever of their pages is open.
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { signOutEverywhere } from '../../api/userAccess';
import { nameOf, passwordTicket, sendPasswordReset, sendVerification, updateUser, verificationTicket, type User } from '../../api/users';
import { can } from '../../auth/me';
import { user as words } from '../../text/user';
import { users } from '../../text/users';
import { Button, ConfirmDialog, Menu, MenuItem, MenuSeparator, toast, wordsOf } from '../../ui';
import { ChevronDown, KeyRound, Link2, LockOpen, LogOut, Mail, ShieldX, Trash2 } from '../../ui/icons';
import { LinkDialog, type Link } from '../../ui/LinkDialog';
import { draftStore } from '../../lib/drafts';
import { DeleteUser } from './DeleteUser';
import { hasPassword, pathWithin } from './useUser';

const text = words.actions;

export type Ask = 'block' | 'sign-out' | 'delete';

const maySignOut = () => can('delete:sessions') || can('delete:refresh_tokens');

export function Acts({ user }: { user: User }) {
  const [asked, setAsked] = useState<Ask>();
  const [link, setLink] = useState<Link>();
  const name = nameOf(user);
  const email = user.email;
  const act = (work: () => Promise<void>) => () => void work().catch((error: unknown) => toast(wordsOf(error)));
  const mail = (send: () => Promise<unknown>) => act(async () => {
    await send();
    toast(words.sent(email ?? ''));
  });
  const ticket = (make: () => Promise<string>, { title, lead, label }: Omit<Link, 'url'>) => act(async () => setLink({ title, lead, label, url: await make() }));
  const { verify, reset } = words.links;
  const unverified = email !== undefined && user.email_verified !== true;
  const items = [
    ...(unverified && can('update:users') ? [<MenuItem key="verify" icon={Mail} onSelect={mail(() => sendVerification(user.user_id))}>{text.verify}</MenuItem>] : []),
    ...(unverified && can('create:user_tickets')
      ? [<MenuItem key="verify-link" icon={Link2} onSelect={ticket(() => verificationTicket(user.user_id), { title: verify.title, lead: verify.lead(email), label: verify.label })}>{text.verifyLink}</MenuItem>] : []),
    ...(email !== undefined && hasPassword(user) && can('create:user_tickets')
      ? [<MenuItem key="reset" icon={Mail} onSelect={mail(() => sendPasswordReset(user.user_id))}>{text.reset}</MenuItem>] : []),
    ...(hasPassword(user) && can('create:user_tickets')
      ? [<MenuItem key="reset-link" icon={KeyRound} onSelect={ticket(() => passwordTicket(user.user_id), { title: reset.title, lead: reset.lead(name), label: reset.label })}>{text.resetLink}</MenuItem>] : []),
    ...(maySignOut() ? [<MenuSeparator key="out-" />, <MenuItem key="out" icon={LogOut} onSelect={() => setAsked('sign-out')}>{text.signOut}</MenuItem>] : []),
    ...(can('update:users')
      ? [user.blocked === true
        ? <MenuItem key="block" icon={LockOpen} onSelect={act(() => setBlocked(user, false))}>{text.unblock}</MenuItem>
        : <MenuItem key="block" icon={ShieldX} onSelect={() => setAsked('block')}>{text.block}</MenuItem>] : []),
    ...(can('delete:users') ? [<MenuSeparator key="delete-" />, <MenuItem key="delete" icon={Trash2} danger onSelect={() => setAsked('delete')}>{text.delete}</MenuItem>] : []),
  ];
  return (
    <>
      {items.length > 0 && <Menu trigger={<Button aria-label={text.of(name)}>{text.more}<ChevronDown className="icon" size={14} aria-hidden /></Button>}>{items}</Menu>}
      <Asking user={user} asked={asked} onClose={() => setAsked(undefined)} />
      {link !== undefined && <LinkDialog link={link} onClose={() => setLink(undefined)} />}
    </>
  );
}

export async function setBlocked(user: User, blocked: boolean): Promise<void> {
  await updateUser(user.user_id, { blocked });
  toast((blocked ? users.nowBlocked : users.nowUnblocked)(nameOf(user)), { undo: () => setBlocked(user, !blocked).catch((error: unknown) => toast(wordsOf(error))) });
}

/** Asks before somebody is shut out, signed out or deleted. */
export function Asking({ user, asked, onClose }: { user: User; asked: Ask | undefined; onClose: () => void }) {
  const navigate = useNavigate();
  const name = nameOf(user);
  const { confirmBlock: block, confirmSignOut: out } = words;
  const gone = () => {
    for (const key of draftStore.keysWithin(pathWithin(user.user_id))) draftStore.drop(key);
    void navigate({ to: '/users' });
  };
  const signOut = async () => {
    await signOutEverywhere(user.user_id);
    toast(out.done(name));
  };
  return (
    <>
      <ConfirmDialog open={asked === 'block'} onClose={onClose} title={block.title(name)} confirm={block.confirm} act={() => setBlocked(user, true)}><p>{block.effect}</p></ConfirmDialog>
      <ConfirmDialog open={asked === 'sign-out'} onClose={onClose} title={out.title(name)} confirm={out.confirm} act={signOut}><p>{out.effect}</p></ConfirmDialog>
      <DeleteUser user={asked === 'delete' ? user : undefined} onClose={onClose} onDeleted={gone} />
    </>
  );
}

import { useState, type ReactNode } from 'react';
import { nameOf, updateUser, type User } from '../../../api/users';
import { can } from '../../../auth/me';
import { showAgo, showTime } from '../../../lib/time';
import { user as words } from '../../../text/user';
import { Badge, Button, ErrorPanel, Section, toast } from '../../../ui';
import { BadgeCheck } from '../../../ui/icons';
import { useAttempt } from '../../../ui/useAttempt';
import { identifiersOf } from '../connections';
import { useConnectionNamed } from '../useConnectionNamed';
import { hasPassword, isOurs } from '../useUser';
import { ChangeLogin, type Login as Kind } from './ChangeLogin';

const text = words.login;

/** What they log in with, each with a dialog to change it: one thing at a time. */
export function Login({ user }: { user: User }) {
  const [changing, setChanging] = useState<Kind>();
  const { isBusy, error, attempt } = useAttempt();
  const connection = useConnectionNamed(user.identities?.[0]?.connection);
  const kinds = connection === undefined ? [] : identifiersOf(connection);
  const mayChange = can('update:users') && isOurs(user);
  const has = (kind: 'email' | 'username' | 'phone_number') => user[kind] !== undefined || kinds.includes(kind);
  const change = (kind: Kind, label: string) => mayChange && <Button small aria-label={text.changeOf(label)} onClick={() => setChanging(kind)}>{text.change}</Button>;
  const markVerified = () => attempt(async () => {
    await updateUser(user.user_id, { email_verified: true });
    toast(text.marked(user.email ?? ''));
  });
  return (
    <Section title={text.title} lead={text.lead}>
      <dl className="facts">
        {has('email') && (
          <Fact label={text.email} acts={<>{user.email !== undefined && user.email_verified !== true && can('update:users') && <Button small kind="quiet" busy={isBusy} onClick={() => void markVerified()}>{text.markVerified}</Button>}{change('email', text.email)}</>}>
            {user.email === undefined ? <span className="muted">{text.none}</span> : (
              <span className="row" style={{ gap: 8 }}>
                <span className="anywhere">{user.email}</span>
                {user.email_verified === true ? <Badge kind="success"><BadgeCheck size={12} aria-hidden />{text.verified}</Badge> : <Badge kind="warning">{text.unverified}</Badge>}
              </span>
            )}
          </Fact>
        )}
        {has('username') && <Fact label={text.username} acts={change('username', text.username)}>{user.username ?? <span className="muted">{text.none}</span>}</Fact>}
        {has('phone_number') && (
          <Fact label={text.phone} acts={change('phone_number', text.phone)}>
            {user.phone_number === undefined ? <span className="muted">{text.none}</span> : <span className="row" style={{ gap: 8 }}>{user.phone_number}{user.phone_verified === true && <Badge kind="success">{text.verified}</Badge>}</span>}
          </Fact>
        )}
        <Fact label={text.password} acts={hasPassword(user) && change('password', text.password)}>
          {!hasPassword(user) ? <span className="muted">{text.passwordElsewhere}</span>
            : <span>{text.passwordSet}{user.last_password_reset !== undefined && <span className="muted"> · {text.passwordChanged} <time dateTime={user.last_password_reset} title={showTime(user.last_password_reset)}>{showAgo(user.last_password_reset)}</time></span>}</span>}
        </Fact>
      </dl>
      {error !== undefined && <ErrorPanel error={error} />}
      {changing !== undefined && <ChangeLogin user={user} kind={changing} name={nameOf(user)} onClose={() => setChanging(undefined)} />}
    </Section>
  );
}

const Fact = ({ label, acts, children }: { label: string; acts: ReactNode; children: ReactNode }) => (
  <>
    <dt>{label}</dt>
    <dd><span className="row spread"><span className="grow">{children}</span><span className="row nowrap">{acts}</span></span></dd>
  </>
);

import { useState } from 'react';
import type { User } from '../../../api/users';
import { can } from '../../../auth/me';
import { showAgo, showNumber, showTime } from '../../../lib/time';
import { user as words } from '../../../text/user';
import { Button, ErrorPanel, Nothing, ReadOnly, Section } from '../../../ui';
import { useAttempt } from '../../../ui/useAttempt';
import { Asking, setBlocked, type Ask } from '../Acts';
import { useUser } from '../useUser';
import { Accounts } from './Accounts';
import { Login } from './Login';
import { Profile } from './Profile';

export default function Details() {
  const { user, read, within } = useUser();
  return (
    <>
      <ReadOnly scope="update:users" />
      <Profile read={read} within={within}>
        <Login user={user} />
        <Accounts user={user} />
        <Section title={words.facts.title} lead={words.facts.lead}><Activity user={user} /></Section>
        {(can('update:users') || can('delete:users')) && <Danger user={user} />}
      </Profile>
    </>
  );
}

const At = ({ at }: { at: string | undefined }) => (at === undefined ? <Nothing /> : <><time dateTime={at}>{showTime(at)}</time> <span className="muted">· {showAgo(at)}</span></>);

function Activity({ user }: { user: User }) {
  const text = words.facts;
  return (
    <dl className="facts">
      <dt>{text.lastLogin}</dt><dd><At at={user.last_login} />{user.last_login !== undefined && user.last_ip !== undefined && <> <span className="muted">{text.from}</span> <code>{user.last_ip}</code></>}</dd>
      <dt>{text.logins}</dt><dd>{showNumber(user.logins_count ?? 0)}</dd>
      <dt>{text.created}</dt><dd><At at={user.created_at} /></dd>
      <dt>{text.updated}</dt><dd><At at={user.updated_at} /></dd>
    </dl>
  );
}

function Danger({ user }: { user: User }) {
  const [asked, setAsked] = useState<Ask>();
  const { isBusy, error, attempt } = useAttempt();
  const text = words.danger;
  return (
    <Section title={text.title} lead={text.lead} danger>
      {can('update:users') && (
        <div className="row spread">
          <p className="about">{user.blocked === true ? text.unblockHelp : text.blockHelp}</p>
          {user.blocked === true ? <Button busy={isBusy} onClick={() => void attempt(() => setBlocked(user, false))}>{text.unblock}</Button> : <Button kind="danger" onClick={() => setAsked('block')}>{text.block}</Button>}
        </div>
      )}
      {can('delete:users') && (
        <div className="row spread">
          <p className="about">{text.deleteHelp}</p>
          <Button kind="danger" onClick={() => setAsked('delete')}>{text.delete}</Button>
        </div>
      )}
      {error !== undefined && <ErrorPanel error={error} />}
      <Asking user={user} asked={asked} onClose={() => setAsked(undefined)} />
    </Section>
  );
}

import { useState, useSyncExternalStore } from 'react';
import { me } from '../../auth/me';
import { reauthenticate, session, signOut } from '../../auth/session';
import { stashDrafts } from '../../lib/drafts';
import { showAgo, showTime } from '../../lib/time';
import { singleKeys } from '../../shell/shortcuts';
import { account as text } from '../../text/account';
import { shell } from '../../text/shell';
import { Badge, Button, CopyLine, Nothing, PageHeader, RadioCards, Section, Switch } from '../../ui';
import { LogOut, Monitor, Moon, RotateCw, Sun } from '../../ui/icons';
import { chooseTheme, chosenTheme, subscribeTheme } from '../../ui/theme';
import { Permissions } from './Permissions';

export default function Account() {
  return (
    <>
      <PageHeader title={text.title} lead={text.lead} />
      <div className="sections">
        <Who />
        <Roles />
        <Appearance />
        <Keyboard />
        <Leave />
      </div>
    </>
  );
}

function Who() {
  const { who } = text;
  const { name, email, user_id, auth_time } = me();
  const endsAt = useSyncExternalStore(session.subscribe, session.endsAt);
  return (
    <Section title={who.title} lead={who.lead}>
      <dl className="facts">
        <dt>{who.name}</dt><dd>{name || <Nothing />}</dd>
        <dt>{who.email}</dt><dd>{email || <Nothing />}</dd>
        <dt>{who.id}</dt><dd>{user_id ? <CopyLine value={user_id} what={who.id} /> : <Nothing />}</dd>
        <dt>{who.since}</dt><dd>{auth_time ? <><time dateTime={new Date(auth_time * 1000).toISOString()}>{showTime(auth_time * 1000)}</time> <span className="muted">({showAgo(auth_time * 1000)})</span></> : <Nothing />}</dd>
        {endsAt !== undefined && <><dt>{who.until}</dt><dd>{showTime(endsAt)} <span className="muted">({showAgo(endsAt)})</span></dd></>}
      </dl>
      <p className="muted small">{who.password[0]} <code>countersign admin link{email !== '' && ` --email ${email}`}</code> {who.password[1]}</p>
    </Section>
  );
}

function Roles() {
  const { roles, scopes } = me();
  return (
    <Section title={text.roles.title} lead={text.roles.lead}>
      {roles.length === 0 ? <p className="muted">{text.roles.none}</p> : (
        <ul className="stack tight">
          {roles.map((role) => <li key={role}><Badge kind="accent">{shell.roles[role]}</Badge> <span className="muted">{text.roles[role]}</span></li>)}
        </ul>
      )}
      <Permissions scopes={scopes} />
    </Section>
  );
}

function Appearance() {
  const theme = useSyncExternalStore(subscribeTheme, chosenTheme);
  const { appearance } = text;
  return (
    <Section title={appearance.title} lead={appearance.lead}>
      <RadioCards
        label={appearance.theme} value={theme} onChange={chooseTheme} column={180}
        cards={([['system', Monitor], ['light', Sun], ['dark', Moon]] as const).map(([value, icon]) => ({ value, icon, title: shell.themes[value], help: appearance[value] }))}
      />
    </Section>
  );
}

function Keyboard() {
  const [isOn, setOn] = useState(singleKeys.on());
  return (
    <Section title={text.keyboard.title} lead={text.keyboard.lead}>
      <Switch label={shell.shortcuts.single} help={shell.shortcuts.singleHelp} checked={isOn} onChange={(on) => { singleKeys.set(on); setOn(on); }} />
    </Section>
  );
}

function Leave() {
  const { leave } = text;
  return (
    <Section title={leave.title} lead={leave.lead}>
      <div className="row">
        <Button icon={LogOut} onClick={() => { stashDrafts(); sessionStorage.clear(); signOut(); }}>{leave.signOut}</Button>
        <Button kind="quiet" icon={RotateCw} onClick={() => void reauthenticate()}>{leave.again}</Button>
      </div>
      <p className="muted small">{leave.againHelp}</p>
    </Section>
  );
}

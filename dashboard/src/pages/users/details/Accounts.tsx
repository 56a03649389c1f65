import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { isDatabase, connectionsOfPeople } from '../../../api/connections';
import { linkUser, nameOf, unlinkIdentity, type Identity, type User } from '../../../api/users';
import { can } from '../../../auth/me';
import { ui } from '../../../text/ui';
import { user as words } from '../../../text/user';
import { Badge, Button, ConfirmDialog, DataTable, Dialog, ErrorPanel, Nothing, Notice, Section, toast, type Column } from '../../../ui';
import { Link2 } from '../../../ui/icons';
import { useAttempt } from '../../../ui/useAttempt';
import { PersonPicker } from '../PersonPicker';

const text = words.identities;

const idOf = ({ provider, user_id }: Identity) => `${provider}|${user_id}`;

/** The accounts that somebody is known by. */
export function Accounts({ user }: { user: User }) {
  const [unlinking, setUnlinking] = useState<Identity>();
  const [isLinking, setLinking] = useState(false);
  const connections = useQuery(connectionsOfPeople());
  // Only databases have a page.
  const pageOf = (name: string) => connections.data?.find((one) => one.name === name && isDatabase(one))?.id;
  const all = user.identities ?? [];
  const columns: Column<Identity>[] = [
    {
      key: 'connection', header: text.connection,
      cell: (identity) => <span className="row" style={{ gap: 6 }}><Connection name={identity.connection} id={pageOf(identity.connection)} />{identity === all[0] && all.length > 1 && <Badge>{text.primary}</Badge>}</span>,
    },
    { key: 'account', header: text.account, cell: (identity) => <code className="anywhere">{idOf(identity)}</code> },
    { key: 'email', header: text.email, cell: (identity) => (identity === all[0] ? user.email : identity.profileData?.email) ?? <Nothing /> },
    ...(all.length > 1 && can('update:users') ? [{
      key: 'actions', header: text.actions, end: true,
      cell: (identity: Identity) => (identity === all[0] ? null : <Button small aria-label={text.unlinkOf(idOf(identity))} onClick={() => setUnlinking(identity)}>{text.unlink}</Button>),
    }] : []),
  ];
  return (
    <Section title={text.title} lead={text.lead}>
      <DataTable label={text.table} columns={columns} rows={all} rowKey={idOf} sortParam="sort-accounts" />
      {can('update:users') && <div><Button icon={Link2} onClick={() => setLinking(true)}>{text.link}</Button></div>}
      {isLinking && <LinkAccount user={user} onClose={() => setLinking(false)} />}
      {unlinking !== undefined && (
        <ConfirmDialog
          open onClose={() => setUnlinking(undefined)} title={text.unlinkTitle(idOf(unlinking))} confirm={text.unlink}
          act={async () => { await unlinkIdentity(user.user_id, unlinking); toast(text.unlinked(idOf(unlinking))); }}
        >
          <p>{text.unlinkEffect}</p>
        </ConfirmDialog>
      )}
    </Section>
  );
}

const Connection = ({ name, id }: { name: string; id: string | undefined }) =>
  id === undefined ? <span className="anywhere">{name}</span> : <Link className="anywhere" to="/connections/$id/settings" params={{ id }}>{name}</Link>;

function LinkAccount({ user, onClose }: { user: User; onClose: () => void }) {
  const [other, setOther] = useState<User>();
  const { isBusy, error, attempt, forgetError } = useAttempt();
  const linking = words.linking;
  const link = () => other !== undefined && attempt(async () => {
    await linkUser(user.user_id, other);
    toast(linking.done(nameOf(other)));
    onClose();
  });
  return (
    <Dialog
      open onClose={onClose} title={linking.title(nameOf(user))} width={600} firm={other !== undefined}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="danger-primary" busy={isBusy} disabled={other === undefined} onClick={() => void link()}>{linking.confirm}</Button></>}
    >
      <p>{linking.lead}</p>
      <PersonPicker chosen={other === undefined ? [] : [other]} onChange={(chosen) => { forgetError(); setOther(chosen.at(-1)); }} isOne except={[user.user_id]} />
      {other !== undefined && <Notice kind="warning">{linking.effect(nameOf(other), nameOf(user))} {linking.later}</Notice>}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

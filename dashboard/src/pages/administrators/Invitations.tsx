import { useState } from 'react';
import { withdrawInvitation, type Invitation } from '../../api/extras';
import { can } from '../../auth/me';
import { showAgo, showTime } from '../../lib/time';
import { administrators as text } from '../../text/administrators';
import { Button, DataTable, ErrorPanel, toast, type Column } from '../../ui';
import { Roles, Where } from './People';

/** Links that have not been used yet. */
export function Invitations({ invitations }: { invitations: Invitation[] }) {
  const [error, setError] = useState<unknown>();
  if (invitations.length === 0) return null;
  const withdraw = async ({ id, email }: Invitation) => {
    setError(undefined);
    try {
      await withdrawInvitation(id);
      toast(text.withdrawn(email));
    } catch (error) {
      setError(error);
    }
  };
  const columns: Column<Invitation>[] = [
    { key: 'email', header: text.columns.person, cell: (invitation) => <span className="strong anywhere">{invitation.email}</span> },
    { key: 'roles', header: text.columns.roles, cell: (invitation) => <Roles of={invitation.roles} /> },
    { key: 'tenants', header: text.columns.tenants, cell: (invitation) => <Where tenants={invitation.tenants} /> },
    { key: 'expires', header: text.columns.expires, cell: (invitation) => <time className="nobreak" dateTime={invitation.expires_at} title={showTime(invitation.expires_at)}>{showAgo(invitation.expires_at)}</time> },
    ...(can('delete:administrators')
      ? [{ key: 'withdraw', header: text.columns.actions, end: true, cell: (invitation: Invitation) => <Button small aria-label={text.withdrawOf(invitation.email)} onClick={() => void withdraw(invitation)}>{text.withdraw}</Button> }]
      : []),
  ];
  return (
    <section className="stack tight" aria-labelledby="invitations">
      <h2 id="invitations">{text.invitations}</h2>
      <p className="muted small">{text.invitationsLead}</p>
      {error !== undefined && <ErrorPanel error={error} />}
      <DataTable label={text.invitations} columns={columns} rows={invitations} rowKey={({ id }) => id} sortParam="invitations" />
    </section>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { consentsQuery, withdrawConsent, withdrawConsents, type Consent } from '../../../api/userAccess';
import type { User } from '../../../api/users';
import { can } from '../../../auth/me';
import { user as words } from '../../../text/user';
import { Button, ConfirmDialog, Nothing, toast, type Column } from '../../../ui';
import { useClientNames } from '../clientNames';
import { App, Endable } from './parts';

const text = words.access;

export function Consents({ user }: { user: User }) {
  const read = useQuery(consentsQuery(user.user_id));
  const [isAsking, setAsking] = useState(false);
  const nameOf = useClientNames((read.data ?? []).map(({ clientID }) => clientID));
  const columns: Column<Consent>[] = [
    { key: 'application', header: text.application, cell: ({ clientID }) => <App id={clientID} name={nameOf(clientID)} /> },
    { key: 'api', header: text.api, cell: ({ audience }) => <code className="anywhere">{audience}</code> },
    { key: 'permissions', header: text.permissions, cell: ({ scope }) => (scope.length === 0 ? <Nothing /> : <span className="row" style={{ gap: 4 }}>{scope.map((one) => <code key={one}>{one}</code>)}</span>) },
  ];
  const apps = [...new Set((read.data ?? []).map(({ clientID }) => nameOf(clientID)))];
  return (
    <>
      <Endable
        label={text.consents} read={read} rows={read.data} columns={columns} empty={text.consentsEmpty}
        ending={{ verb: text.withdraw, scopes: ['delete:grants'], name: ({ clientID }) => nameOf(clientID), title: text.consentTitle, effect: text.consentEffect, end: ({ id }) => withdrawConsent(id), done: text.consentDone }}
        {...(can('delete:grants') && (read.data?.length ?? 0) > 1 && { all: <Button kind="danger" onClick={() => setAsking(true)}>{text.withdrawAll}</Button> })}
      />
      <ConfirmDialog
        open={isAsking} onClose={() => setAsking(false)} title={text.consentsTitle} confirm={text.withdrawAll}
        act={async () => { await withdrawConsents(user.user_id); toast(text.consentsDone); }}
      >
        <p>{text.consentsEffect(apps.join(', '))}</p>
      </ConfirmDialog>
    </>
  );
}

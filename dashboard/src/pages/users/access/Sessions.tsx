import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { endSession, sessionsQuery, type Session } from '../../../api/userAccess';
import type { User } from '../../../api/users';
import { can } from '../../../auth/me';
import { deviceOf } from '../../../lib/userAgent';
import { user as words } from '../../../text/user';
import { Button, Nothing, type Column } from '../../../ui';
import { Asking } from '../Acts';
import { useClientNames } from '../clientNames';
import { App, At, Endable } from './parts';

const text = words.access;

const browserOf = ({ device }: Session): string => deviceOf(device?.last_user_agent ?? device?.initial_user_agent) ?? text.unknownDevice;

export function Sessions({ user }: { user: User }) {
  const read = useQuery(sessionsQuery(user.user_id));
  const [isAsking, setAsking] = useState(false);
  const rows = read.data?.items;
  const nameOf = useClientNames((rows ?? []).flatMap(({ clients = [] }) => clients.map(({ client_id }) => client_id)));
  const columns: Column<Session>[] = [
    {
      key: 'browser', header: text.browser,
      cell: (session) => <div><div className="strong" title={session.device?.last_user_agent ?? undefined}>{browserOf(session)}</div><div className="muted small">{session.device?.last_ip ?? session.device?.initial_ip}</div></div>,
    },
    { key: 'applications', header: text.applications, cell: ({ clients = [] }) => (clients.length === 0 ? <Nothing /> : <span>{clients.map(({ client_id: id }, place) => <span key={id}>{place > 0 && ', '}<App id={id} name={nameOf(id)} /></span>)}</span>) },
    { key: 'since', header: text.since, cell: ({ authenticated_at: at }) => <At at={at} /> },
    { key: 'seen', header: text.lastSeen, cell: ({ last_interacted_at: at }) => <At at={at} /> },
    { key: 'ends', header: text.ends, cell: ({ expires_at, idle_expires_at }) => <At at={idle_expires_at < expires_at ? idle_expires_at : expires_at} /> },
  ];
  return (
    <>
      <Endable
        label={text.sessions} read={read} rows={rows} columns={columns} empty={text.sessionsEmpty} note={read.data?.isMore === true ? text.more : undefined}
        ending={{ verb: text.end, scopes: ['delete:sessions', 'delete:refresh_tokens'], name: browserOf, title: text.sessionTitle, effect: text.sessionEffect, end: ({ id }) => endSession(id), done: () => text.sessionDone }}
        {...((can('delete:sessions') || can('delete:refresh_tokens')) && { all: <Button kind="danger" onClick={() => setAsking(true)}>{text.signOutAll}</Button> })}
      />
      <Asking user={user} asked={isAsking ? 'sign-out' : undefined} onClose={() => setAsking(false)} />
    </>
  );
}

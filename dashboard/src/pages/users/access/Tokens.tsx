import { useQuery } from '@tanstack/react-query';
import { endRefreshToken, refreshTokensQuery, type RefreshToken } from '../../../api/userAccess';
import type { User } from '../../../api/users';
import { deviceOf } from '../../../lib/userAgent';
import { user as words } from '../../../text/user';
import { Badge, Nothing, type Column } from '../../../ui';
import { useClientNames } from '../clientNames';
import { App, At, Endable } from './parts';

const text = words.access;

export function Tokens({ user }: { user: User }) {
  const read = useQuery(refreshTokensQuery(user.user_id));
  const rows = read.data?.items;
  const nameOf = useClientNames((rows ?? []).map(({ client_id }) => client_id));
  const columns: Column<RefreshToken>[] = [
    {
      key: 'application', header: text.application,
      cell: ({ client_id, rotating, device }) => (
        <div>
          <span className="row" style={{ gap: 6 }}><App id={client_id} name={nameOf(client_id)} />{rotating && <Badge>{text.rotating}</Badge>}</span>
          <div className="muted small">{[deviceOf(device?.last_user_agent ?? device?.initial_user_agent) ?? text.unknownDevice, device?.last_ip].filter(Boolean).join(' · ')}</div>
        </div>
      ),
    },
    { key: 'api', header: text.api, cell: ({ resource_servers: apis = [] }) => (apis.length === 0 ? <Nothing /> : apis.map(({ audience, scopes }) => <code key={audience} className="anywhere" title={scopes.toString()}>{audience}</code>)) },
    { key: 'since', header: text.since, cell: ({ created_at }) => <At at={created_at} /> },
    { key: 'used', header: text.lastUsed, cell: ({ last_exchanged_at }) => <At at={last_exchanged_at} otherwise={text.neverUsed} /> },
    { key: 'ends', header: text.ends, cell: ({ idle_expires_at: idle, expires_at: end }) => <At at={idle && (!end || idle < end) ? idle : end} otherwise={text.forever} /> },
  ];
  return (
    <Endable
      label={text.tokens} read={read} rows={rows} columns={columns} empty={text.tokensEmpty} note={read.data?.isMore === true ? text.more : undefined}
      ending={{ verb: text.revoke, scopes: ['delete:refresh_tokens'], name: ({ client_id }) => nameOf(client_id), title: text.tokenTitle, effect: text.tokenEffect, end: ({ id }) => endRefreshToken(id), done: text.tokenDone }}
    />
  );
}

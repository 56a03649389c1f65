// Tokens that are no longer believed: the marks in force, and how to make one.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { clientsAmong } from '../../api/clients';
import { resourceServersQuery } from '../../api/resourceServers';
import { mayRevoke, revocationsQuery, type Revocation } from '../../api/revocations';
import { can } from '../../auth/me';
import { showAgo, showTime } from '../../lib/time';
import { revocations as text } from '../../text/revocations';
import { Button, CopyLine, DataTable, ErrorPanel, Nothing, Notice, PageHeader, ReadOnly, Skeleton, type Column } from '../../ui';
import { ShieldX } from '../../ui/icons';
import { KINDS, RevokeMany, RevokeOne } from './dialogs';

export default function Revocations() {
  const marks = useQuery(revocationsQuery());
  const [asking, setAsking] = useState<'one' | 'many'>();
  const of = (kind: string) => (marks.data ?? []).flatMap((mark) => (mark.kind === kind && mark.subject !== null ? mark.subject : []));
  const clients = useQuery({ ...clientsAmong(of('client')), enabled: of('client').length > 0 && can('read:clients') });
  const apis = useQuery({ ...resourceServersQuery(), enabled: of('resource_server').length > 0 && can('read:resource_servers') });
  const subjectOf = ({ kind, subject }: Revocation): ReactNode => {
    if (subject === null) return <Nothing />;
    const client = kind === 'client' ? clients.data?.find(({ client_id }) => client_id === subject) : undefined;
    if (client !== undefined) return <Link to="/applications/$clientId/settings" params={{ clientId: subject }}>{client.name}</Link>;
    const api = kind === 'resource_server' ? apis.data?.find(({ id, identifier }) => id === subject || identifier === subject) : undefined;
    if (api !== undefined) return <Link to="/apis/$id/settings" params={{ id: api.id }}>{api.name ?? api.identifier}</Link>;
    return <CopyLine value={subject} what={text.columns.subject} short />;
  };
  const time = (at: string | null) => (at === null ? <Nothing /> : <time dateTime={at} title={showTime(at)}>{showAgo(at)}</time>);
  const columns: Column<Revocation>[] = [
    { key: 'kind', header: text.columns.kind, sort: ({ kind }) => kind, cell: ({ kind }) => text.kinds[kind] ?? kind },
    { key: 'subject', header: text.columns.subject, cell: subjectOf },
    { key: 'before', header: text.columns.before, cell: ({ before }) => (before === null ? <Nothing /> : <span className="number">{showTime(before)}</span>) },
    { key: 'created', header: text.columns.created, sort: ({ created_at }) => created_at, cell: ({ created_at }) => time(created_at) },
    { key: 'expires', header: text.columns.expires, sort: ({ expires_at }) => expires_at, cell: ({ expires_at }) => time(expires_at) },
    { key: 'by', header: text.columns.by, cell: ({ by }) => <span className="anywhere">{by}</span> },
  ];
  return (
    <>
      <PageHeader
        title={text.title} lead={text.lead}
        actions={(
          <>
            {KINDS.some(mayRevoke) && <Button onClick={() => setAsking('many')}>{text.all}</Button>}
            {mayRevoke('token') && <Button kind="primary" icon={ShieldX} onClick={() => setAsking('one')}>{text.one}</Button>}
          </>
        )}
      />
      <div className="stack">
        {!KINDS.some(mayRevoke) && <ReadOnly scope="update:clients" />}
        <Notice>{text.reach}</Notice>
        <h2>{text.marks}</h2>
        {marks.isPending ? <Skeleton lines={4} height={28} />
          : marks.isError ? <ErrorPanel error={marks.error} retry={() => void marks.refetch()} />
            : marks.data.length === 0 ? <p className="muted">{text.empty}</p>
              : <DataTable label={text.table} columns={columns} rows={marks.data} rowKey={({ id }) => id} initialSort="-created" />}
      </div>
      {asking === 'one' && <RevokeOne onClose={() => setAsking(undefined)} />}
      {asking === 'many' && <RevokeMany onClose={() => setAsking(undefined)} />}
    </>
  );
}

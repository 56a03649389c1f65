import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { connectionQuery, DATABASE, type Connection as Data } from '../../api/connections';
import { ApiError } from '../../api/http';
import { can } from '../../auth/me';
import { connections as text } from '../../text/connections';
import { Badge, ButtonLink, CopyLine, EmptyState, ErrorPanel, LiveDot, Notice, PageHeader, Skeleton, Tabs } from '../../ui';
import { Users } from '../../ui/icons';
import { ViewAs } from '../../ui/ViewAs';
import { isActive } from './kinds';

const TABS = Object.entries(text.tabs).map(([id, label]) => ({ id, label }));

/** The frame of one database connection: its name, its identifier, its tabs. */
export default function Connection() {
  const { id } = useParams({ from: '/connections/$id' });
  const connection = useQuery(connectionQuery(id));
  const section = useRouterState({ select: (state) => TABS.find((tab) => state.location.pathname.endsWith(`/${tab.id}`))?.label });
  const data = connection.data?.value;
  const isDatabase = data === undefined || data.strategy === DATABASE;
  const isGone = connection.error instanceof ApiError && connection.error.statusCode === 404;
  return (
    <>
      <PageHeader
        title={data?.name ?? (isGone ? text.gone : '')} section={section ?? text.title} back={{ to: '/connections', label: text.title }}
        {...(data && { facts: <Facts connection={data} />, actions: <><People of={data} /><View connection={data} /></> })}
      />
      {connection.isError ? (isGone ? <EmptyState title={text.gone} /> : <ErrorPanel error={connection.error} retry={() => void connection.refetch()} />) : (
        <>
          {isDatabase && <Tabs name={data?.name ?? ''} within={`/connections/${id}`} tabs={TABS} />}
          {connection.isPending ? <Skeleton lines={8} height={24} /> : isDatabase ? <Outlet /> : <Notice>{text.otherStrategy(data?.strategy ?? '')}</Notice>}
        </>
      )}
    </>
  );
}

const Facts = ({ connection }: { connection: Data }) => (
  <>
    {connection.strategy === DATABASE ? <State of={connection} /> : <Badge>{connection.strategy}</Badge>}
    {connection.is_domain_connection === true && <Badge>{text.settings.domain}</Badge>}
    <span className="row nowrap" style={{ gap: 4 }}><span className="nobreak">{text.id}</span> <CopyLine value={connection.id} what={text.idOf(connection.name)} /></span>
  </>
);

const People = ({ of: { name } }: { of: Data }) =>
  can('read:users') ? <ButtonLink icon={Users} to="/users" search={{ q: `identities.connection:"${name}"` } as never}>{text.people}</ButtonLink> : null;

/** Whether people get in, and may come by themselves. */
export function State({ of }: { of: Data }) {
  if (!isActive(of)) return <LiveDot state="error">{text.states.off}</LiveDot>;
  return of.options?.disable_signup === true ? <LiveDot state="warning">{text.states.closed}</LiveDot> : <LiveDot state="on">{text.states.on}</LiveDot>;
}

function View({ connection }: { connection: Data }) {
  const path = `/api/v2/connections/${encodeURIComponent(connection.id)}?fields=enabled_clients&include_fields=false`;
  return <ViewAs name={connection.name} path={path} object={connection} terraform={{ resource: 'auth0_connection', id: connection.id }} leaveOut={['id', 'authentication', 'connected_accounts']} />;
}

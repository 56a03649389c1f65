import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { clientQuery, type Client } from '../../api/clients';
import { ApiError } from '../../api/http';
import { applications } from '../../text/applications';
import { Badge, CopyLine, ErrorPanel, PageHeader, Skeleton, Tabs } from '../../ui';
import { Gone } from '../../ui/Gone';
import { ViewAs } from '../../ui/ViewAs';
import { kindName } from './kinds';

const TABS = Object.entries(applications.tabs).map(([id, label]) => ({ id, label }));
const SET_BY_SERVER = ['client_id', 'tenant', 'global', 'signing_keys', 'callback_url_template', 'cross_origin_auth', 'client_secret', 'token_endpoint_auth_method', 'oidc_backchannel_logout'];

/** The frame of one application: its name, its identifier, its tabs. */
export default function Application() {
  const { clientId } = useParams({ from: '/applications/$clientId' });
  const client = useQuery(clientQuery(clientId));
  const section = useRouterState({ select: (state) => TABS.find((tab) => state.location.pathname.endsWith(`/${tab.id}`))?.label });
  const data = client.data?.value;
  const isGone = client.error instanceof ApiError && client.error.statusCode === 404;
  return (
    <>
      <PageHeader
        title={data?.name ?? (isGone ? applications.gone : '')} section={section ?? applications.title} back={{ to: '/applications', label: applications.title }}
        {...(data && { facts: <Facts client={data} />, actions: <View client={data} /> })}
      />
      {client.isError && (isGone ? <Gone kind="clients" id={clientId} /> : <ErrorPanel error={client.error} retry={() => void client.refetch()} />)}
      {!client.isError && (
        <>
          <Tabs name={data?.name ?? ''} within={`/applications/${clientId}`} tabs={TABS} />
          {client.isPending ? <Skeleton lines={8} height={24} /> : <Outlet />}
        </>
      )}
    </>
  );
}

const Facts = ({ client }: { client: Client }) => (
  <>
    <span>{kindName(client.app_type)}</span>
    {client.is_first_party === false && <Badge>{applications.thirdParty}</Badge>}
    <span className="row nowrap" style={{ gap: 4 }}><span className="nobreak">{applications.clientId}</span> <CopyLine value={client.client_id} what={applications.clientIdOf(client.name)} /></span>
  </>
);

function View({ client }: { client: Client }) {
  const path = `/api/v2/clients/${encodeURIComponent(client.client_id)}?fields=client_secret&include_fields=false`;
  return <ViewAs name={client.name} path={path} object={client} terraform={{ resource: 'auth0_client', id: client.client_id }} leaveOut={SET_BY_SERVER} />;
}

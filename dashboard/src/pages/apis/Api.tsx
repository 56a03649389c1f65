import { useQuery } from '@tanstack/react-query';
import { Navigate, Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { config } from '../../api/config';
import { ApiError } from '../../api/http';
import { resourceServerQuery, type ResourceServer } from '../../api/resourceServers';
import { apis as words } from '../../text/apis';
import { Badge, CopyLine, ErrorPanel, PageHeader, Skeleton, Tabs } from '../../ui';
import { Gone } from '../../ui/Gone';
import { ViewAs } from '../../ui/ViewAs';
import { isManagementApi, nameOf, profileOf } from './kinds';
import './apis.css';

type Tab = keyof typeof words.tabs;

const TABS: Tab[] = ['quickstart', 'settings', 'permissions', 'applications', 'test', 'usage', 'history'];

// The tenant's own API is called rather than built, so that it has an explorer and no quick start.
function tabsOf(api: ResourceServer | undefined) {
  const tabs = api?.is_system !== true ? TABS : [...(isManagementApi(api) ? (['explorer'] as Tab[]) : []), ...TABS.filter((tab) => tab !== 'quickstart')];
  return tabs.map((id) => ({ id, label: words.tabs[id] }));
}

/** The frame of one API: its name, its identifier, its tabs. */
export default function Api() {
  const { id } = useParams({ from: '/apis/$id' });
  const path = useRouterState({ select: (state) => state.location.pathname });
  // The tenant's own API goes by a name that is the same everywhere.
  const read = useQuery(resourceServerQuery(id === 'management' ? config.tenant.audience : id));
  const api = read.data?.value;
  const name = api === undefined ? (read.isError ? words.title : '') : nameOf(api);
  const isGone = read.error instanceof ApiError && read.error.statusCode === 404;
  const section = path.split('/').at(-1) as Tab;
  // An identifier leads to the API as well as its id does.
  if (api !== undefined && api.id !== id) return <Navigate to={`/apis/${api.id}/${section in words.tabs ? section : 'settings'}` as string} replace />;
  return (
    <>
      <PageHeader
        title={isGone ? words.gone : name} section={words.tabs[section] ?? words.title} back={{ to: '/apis', label: words.title }}
        facts={read.isError ? undefined : api === undefined ? <Skeleton height={20} width={280} /> : (
          <>
            <CopyLine value={api.identifier} what={words.identifierOf(name)} />
            {api.is_system === true && <Badge kind="accent">{words.system}</Badge>}
            <span className="muted nobreak">{api.signing_alg} · {words.profileShort[profileOf(api.token_dialect)]}</span>
          </>
        )}
        {...(api !== undefined && {
          actions: <ViewAs name={name} path={`/api/v2/resource-servers/${encodeURIComponent(api.id)}`} object={api} terraform={{ resource: 'auth0_resource_server', id: api.id }} leaveOut={['id', 'is_system', 'client_id']} />,
        })}
      />
      {isGone ? <Gone kind="resource-servers" id={id} />
        : read.isError ? <ErrorPanel error={read.error} retry={() => void read.refetch()} /> : <><Tabs name={name} within={`/apis/${id}`} tabs={tabsOf(api)} /><Outlet /></>}
    </>
  );
}

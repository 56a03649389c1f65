import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { ApiError } from '../../api/http';
import { roleQuery } from '../../api/userRoles';
import { can } from '../../auth/me';
import { roles as text } from '../../text/roles';
import { Badge, ButtonLink, CopyLine, EmptyState, ErrorPanel, PageHeader, Skeleton, Tabs } from '../../ui';
import { Tags } from '../../ui/icons';
import { ViewAs } from '../../ui/ViewAs';

const TABS = Object.entries(text.tabs).filter(([id]) => id !== 'history' || can('read:logs')).map(([id, label]) => ({ id, label }));

/** The frame of one role. */
export default function Role() {
  const { roleId } = useParams({ from: '/roles/$roleId' });
  const read = useQuery(roleQuery(roleId));
  const section = useRouterState({ select: (state) => TABS.find((tab) => state.location.pathname.endsWith(`/${tab.id}`))?.label });
  const role = read.data?.value;
  const isGone = read.error instanceof ApiError && read.error.statusCode === 404;
  return (
    <>
      <PageHeader
        title={isGone ? text.gone : role?.name ?? (read.isError ? text.title : '')} section={section ?? text.title} back={{ to: '/roles', label: text.title }}
        {...(role !== undefined && !isGone && {
          facts: (
            <>
              {role.type === 'organization' && <Badge>{text.organization}</Badge>}
              <span className="row nowrap" style={{ gap: 4 }}><span className="nobreak">{text.roleId}</span> <CopyLine value={role.id} what={text.idOf(role.name)} /></span>
            </>
          ),
          actions: <ViewAs name={role.name} path={`/api/v2/roles/${role.id}`} object={role} terraform={{ resource: 'auth0_role', id: role.id }} leaveOut={['id', 'type', 'owner_id']} />,
        })}
      />
      {isGone ? <EmptyState icon={Tags} title={text.goneTitle} actions={<ButtonLink to="/roles">{text.title}</ButtonLink>}>{text.goneHow}</EmptyState>
        : read.isError ? <ErrorPanel error={read.error} retry={() => void read.refetch()} />
          : <><Tabs name={role?.name ?? ''} within={`/roles/${roleId}`} tabs={TABS} />{role === undefined ? <Skeleton lines={6} height={24} /> : <Outlet />}</>}
    </>
  );
}

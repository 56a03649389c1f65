import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { ApiError } from '../../api/http';
import { userBlocksQuery } from '../../api/userAccess';
import { nameOf, userQuery, type User as Person } from '../../api/users';
import { can } from '../../auth/me';
import { user as text } from '../../text/user';
import { users } from '../../text/users';
import { Badge, ButtonLink, CopyLine, EmptyState, ErrorPanel, PageHeader, Skeleton, Tabs } from '../../ui';
import { UserRound } from '../../ui/icons';
import { Acts } from './Acts';
import { Locks } from './Locks';
import { pathWithin } from './useUser';

const TABS = Object.entries(text.tabs)
  .filter(([id]) => id === 'details' || id === 'metadata' || id === 'json' || needs(id).some(can) || needs(id).length === 0)
  .map(([id, label]) => ({ id, label }));

function needs(tab: string): string[] {
  if (tab === 'sessions') return ['read:sessions', 'read:refresh_tokens', 'read:device_credentials', 'read:grants'];
  return tab === 'logs' || tab === 'history' ? ['read:logs'] : [];
}

/** The frame of one person: what they are called, what keeps them out, their tabs. */
export default function User() {
  const { userId } = useParams({ from: '/users/$userId' });
  const read = useQuery(userQuery(userId));
  const section = useRouterState({ select: (state) => TABS.find((tab) => state.location.pathname.endsWith(`/${tab.id}`))?.label });
  const user = read.data?.value;
  const isGone = read.error instanceof ApiError && read.error.statusCode === 404;
  const locks = useQuery({ ...userBlocksQuery(userId), enabled: user?.email !== undefined });
  return (
    <>
      <PageHeader
        title={user !== undefined && !isGone ? nameOf(user) : isGone ? text.gone : read.isError ? users.title : ''} section={section ?? users.title} back={{ to: '/users', label: users.title }}
        {...(user !== undefined && !isGone && { facts: <Facts user={user} isLocked={(locks.data?.length ?? 0) > 0} />, actions: <Acts user={user} /> })}
      />
      {isGone ? <EmptyState icon={UserRound} title={text.goneTitle} actions={<ButtonLink to="/users">{text.toList}</ButtonLink>}>{text.goneHow}</EmptyState>
        : read.isError ? <ErrorPanel error={read.error} retry={() => void read.refetch()} /> : (
          <>
            <Tabs name={user === undefined ? '' : nameOf(user)} within={pathWithin(userId)} tabs={TABS} />
            {user !== undefined && <Locks user={user} locks={locks.data ?? []} />}
            {user === undefined ? <Skeleton lines={8} height={24} /> : <Outlet />}
          </>
        )}
    </>
  );
}

const Facts = ({ user, isLocked }: { user: Person; isLocked: boolean }) => (
  <>
    {user.email !== undefined && nameOf(user) !== user.email && <span className="anywhere">{user.email}</span>}
    {user.blocked === true && <Badge kind="danger">{text.blocked}</Badge>}
    {isLocked && <Badge kind="warning">{text.locked}</Badge>}
    <span className="row nowrap" style={{ gap: 4 }}><span className="nobreak">{text.userId}</span> <CopyLine value={user.user_id} what={users.idOf(nameOf(user))} /></span>
  </>
);

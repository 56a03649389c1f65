import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { logStreamQuery, pathOf, streamsHealthQuery, type LogStream } from '../../api/logStreams';
import { ApiError } from '../../api/http';
import { can } from '../../auth/me';
import { logStreams as text } from '../../text/logStreams';
import { CopyLine, EmptyState, ErrorPanel, Notice, PageHeader, Skeleton, Tabs } from '../../ui';
import { ViewAs } from '../../ui/ViewAs';
import { MEMBERS } from './kinds';
import { nameOf, State, Turn } from './State';

// One file for all of its tabs: each is small, and most of them are looked at.
export { default as Filters } from './Filters';
export { default as Health } from './Health';
export { default as History } from './History';
export { default as Settings } from './Settings';

const TABS = Object.entries(text.tabs).filter(([id]) => id !== 'history' || can('read:logs')).map(([id, label]) => ({ id, label }));

/** The frame of one log stream: its name, its state, its tabs. */
export default function Stream() {
  const { id } = useParams({ from: '/log-streams/$id' });
  const read = useQuery(logStreamQuery(id));
  const health = useQuery(streamsHealthQuery());
  const section = useRouterState({ select: (state) => TABS.find((tab) => state.location.pathname.endsWith(`/${tab.id}`))?.label });
  const stream = read.data?.value;
  const fares = health.data?.find((one) => one.id === id);
  const isGone = read.error instanceof ApiError && read.error.statusCode === 404;
  return (
    <>
      <PageHeader
        title={stream === undefined ? (isGone ? text.gone : read.isError ? text.title : '') : nameOf(stream)} section={section ?? text.title} back={{ to: '/log-streams', label: text.title }}
        {...(stream !== undefined && {
          facts: (
            <>
              <State of={stream} health={fares} />
              <span>{text.kinds[stream.type][0]}</span>
              <span className="row nowrap" style={{ gap: 4 }}><span className="nobreak">{text.id}</span> <CopyLine value={stream.id} what={text.idOf(nameOf(stream))} /></span>
            </>
          ),
          actions: <><Turn stream={stream} /><View stream={stream} /></>,
        })}
      />
      {isGone ? <EmptyState title={text.gone} />
        : read.isError ? <ErrorPanel error={read.error} retry={() => void read.refetch()} />
          : (
            <>
              {fares?.is_delivered === false && <div style={{ marginBottom: 16 }}><Notice kind="warning">{text.needsAccess}</Notice></div>}
              <Tabs name={stream === undefined ? '' : nameOf(stream)} within={`/log-streams/${id}`} tabs={TABS} />
              {stream === undefined ? <Skeleton lines={8} height={24} /> : <Outlet />}
            </>
          )}
    </>
  );
}

/** Without what lets the server in. */
function View({ stream }: { stream: LogStream }) {
  const isShown = ([name]: [string, unknown]) => name !== 'httpCustomHeaders' && !MEMBERS[stream.type].some((member) => member.name === name && member.secret === true);
  const sink = Object.fromEntries(Object.entries(stream.sink).filter(isShown));
  return <ViewAs name={nameOf(stream)} path={pathOf(stream.id)} object={{ ...stream, sink }} terraform={{ resource: 'auth0_log_stream', id: stream.id }} leaveOut={['id']} />;
}

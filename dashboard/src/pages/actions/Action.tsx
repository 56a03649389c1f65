import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { actionQuery, triggerOf } from '../../api/actions';
import { ApiError } from '../../api/http';
import { actions as text } from '../../text/actions';
import { ErrorPanel, Notice, PageHeader, Skeleton, Tabs } from '../../ui';
import { State, TriggerName } from './Library';

const TABS = Object.entries(text.editor.nav).map(([id, label]) => ({ id, label }));

/** The frame of one action: its name, what of it is live, its parts. */
export default function Action() {
  const { id } = useParams({ from: '/actions/library/$id' });
  const action = useQuery(actionQuery(id));
  const section = useRouterState({ select: (state) => TABS.find((tab) => state.location.pathname.endsWith(`/${tab.id}`))?.label });
  const data = action.data?.value;
  const isGone = action.error instanceof ApiError && action.error.statusCode === 404;
  return (
    <>
      <PageHeader
        title={data?.name ?? (isGone ? text.gone : '')} section={section ?? text.title} back={{ to: '/actions/library', label: text.title }}
        {...(data && { facts: <><TriggerName id={triggerOf(data)} /><State of={data} /></> })}
      />
      {action.isError ? (isGone ? <Notice>{text.gone}.</Notice> : <ErrorPanel error={action.error} retry={() => void action.refetch()} />) : (
        <>
          <Tabs name={data?.name ?? ''} within={`/actions/library/${id}`} tabs={TABS} />
          {action.isPending ? <Skeleton lines={8} height={24} /> : <Outlet />}
        </>
      )}
    </>
  );
}

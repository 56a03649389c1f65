import { Outlet, useRouterState } from '@tanstack/react-router';
import { actions as text } from '../../text/actions';
import { PageHeader, Tabs } from '../../ui';

const TABS = Object.entries(text.tabs).map(([id, label]) => ({ id, label }));

/** The frame of the pages about customers' code. */
export default function Actions() {
  const section = useRouterState({ select: (state) => TABS.find((tab) => state.location.pathname.endsWith(`/${tab.id}`))?.label });
  return (
    <>
      <PageHeader title={text.title} {...(section !== undefined && { section })} lead={text.lead} />
      <Tabs name={text.title} within="/actions" tabs={TABS} />
      <Outlet />
    </>
  );
}

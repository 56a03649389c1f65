import { Outlet, useRouterState } from '@tanstack/react-router';
import { emails as text } from '../../text/emails';
import { PageHeader, Tabs } from '../../ui';

const TABS = Object.entries(text.tabs).map(([id, label]) => ({ id, label }));

/** The frame of the pages about mails. */
export default function Emails() {
  const section = useRouterState({ select: (state) => TABS.find((tab) => state.location.pathname.endsWith(`/${tab.id}`))?.label });
  return (
    <>
      <PageHeader title={text.title} {...(section !== undefined && { section })} lead={text.lead} />
      <Tabs name={text.title} within="/emails" tabs={TABS} />
      <Outlet />
    </>
  );
}

import { Outlet, useRouterState } from '@tanstack/react-router';
import { branding as text } from '../../text/branding';
import { PageHeader, Tabs } from '../../ui';
import './branding.css';

const TABS = Object.entries(text.tabs).map(([id, label]) => ({ id, label }));

/** The frame of the pages about the hosted pages. */
export default function Branding() {
  const section = useRouterState({ select: (state) => TABS.find((tab) => state.location.pathname.endsWith(`/${tab.id}`))?.label });
  return (
    <>
      <PageHeader title={text.title} {...(section !== undefined && { section })} lead={text.lead} />
      <Tabs name={text.title} within="/branding" tabs={TABS} />
      <Outlet />
    </>
  );
}

import { Outlet } from '@tanstack/react-router';
import { tenant } from '../../text/tenant';
import { PageHeader, Tabs } from '../../ui';

const TABS = Object.entries(tenant.tabs).map(([id, label]) => ({ id, label }));

export default function Tenant() {
  return (
    <>
      <PageHeader title={tenant.title} />
      <Tabs name={tenant.title} within="/tenant" tabs={TABS} />
      <Outlet />
    </>
  );
}

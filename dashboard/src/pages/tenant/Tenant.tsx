import { useQuery } from '@tanstack/react-query';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { config } from '../../api/config';
import { tenantSettingsQuery } from '../../api/tenant';
import { tenant as text } from '../../text/tenant';
import { CopyLine, PageHeader, Tabs } from '../../ui';
import { ViewAs } from '../../ui/ViewAs';

const TABS = Object.entries(text.tabs).map(([id, label]) => ({ id, label }));
const SET_BY_SERVER = ['sandbox_versions_available'];

/** The frame of the managed tenant's own pages. */
export default function Tenant() {
  const settings = useQuery(tenantSettingsQuery());
  const section = useRouterState({ select: (state) => TABS.find((tab) => state.location.pathname.endsWith(`/${tab.id}`))?.label });
  const name = settings.data?.value.friendly_name || config.tenant.name;
  return (
    <>
      <PageHeader
        title={text.title} {...(section !== undefined && { section })}
        facts={<>{name !== config.tenant.name && <span>{name}</span>}<CopyLine value={config.tenant.name} what={text.about.name} /><CopyLine value={config.tenant.domain} what={text.about.domain} /></>}
        {...(settings.data && {
          actions: <ViewAs name={name} path="/api/v2/tenants/settings" object={settings.data.value} terraform={{ resource: 'auth0_tenant', id: config.tenant.name }} leaveOut={SET_BY_SERVER} />,
        })}
      />
      <Tabs name={text.title} within="/tenant" tabs={TABS} />
      <Outlet />
    </>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from '@tanstack/react-router';
import { resourceServerQuery } from '../../api/resourceServers';
import { apis } from '../../text/apis';
import { CopyLine, ErrorPanel, PageHeader, Tabs } from '../../ui';

const TABS = Object.entries(apis.tabs).map(([id, label]) => ({ id, label }));

/** The frame of one API: its name, its identifier, its tabs. */
export default function Api() {
  const { id } = useParams({ from: '/apis/$id' });
  const api = useQuery(resourceServerQuery(id));
  const name = api.data?.value.name ?? api.data?.value.identifier ?? '';
  return (
    <>
      <PageHeader title={name} back={{ to: '/apis', label: apis.title }} {...(api.data && { facts: <CopyLine value={api.data.value.identifier} what={name} /> })} />
      {api.isError ? <ErrorPanel error={api.error} retry={() => void api.refetch()} /> : <><Tabs name={name} within={`/apis/${id}`} tabs={TABS} /><Outlet /></>}
    </>
  );
}

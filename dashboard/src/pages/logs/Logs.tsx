import { Outlet, useParams } from '@tanstack/react-router';
import { logs } from '../../text/logs';
import { PageHeader } from '../../ui';
import { LogsTable } from './LogsTable';

export default function Logs() {
  const { logId } = useParams({ strict: false }) as { logId?: string };
  return (
    <>
      <LogsTable hasPath opened={logId} header={(acts) => <PageHeader title={logs.title} lead={logs.lead} actions={acts} />} />
      <Outlet />
    </>
  );
}

import { Outlet } from '@tanstack/react-router';
import { logs } from '../../text/logs';
import { PageHeader } from '../../ui';

// The event of `/logs/{id}` is drawn by the outlet, as a drawer over the list.
export default function Logs() {
  return (
    <>
      <PageHeader title={logs.title} />
      <Outlet />
    </>
  );
}

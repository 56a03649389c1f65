import { Outlet } from '@tanstack/react-router';

export default function Application() {
  return <Outlet />;
}

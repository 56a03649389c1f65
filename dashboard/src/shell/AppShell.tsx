// The frame around every page.
import { Outlet, useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { shell } from '../text/shell';
import { arrival } from '../ui/arrival';
import { Dialog, Drawer } from '../ui/Dialog';
import { inspect, inspecting } from '../ui/inspect';
import { LeaveGuard } from '../ui/LeaveGuard';
import { useLate } from '../ui/late';
import { Skeleton } from '../ui/states';
import { Toasts } from '../ui/Toasts';
import { text as inspectorTitle } from './inspectorTitle';
import { remember } from './recent';
import { Nav } from './Nav';
import { Offline } from './Offline';
import { SessionDialog } from './SessionDialog';
import { useShortcuts } from './shortcuts';
import { environment } from './environment';
import { TopBar } from './TopBar';

const loadPalette = () => import('./Palette');
const loadShortcuts = () => import('./Shortcuts');
const Inspect = lazy(() => import('../pages/inspector/Inspect'));

export function AppShell() {
  const router = useRouter();
  const [open, setOpen] = useState<'palette' | 'shortcuts' | 'nav'>();
  const toInspect = useSyncExternalStore(inspecting.subscribe, inspecting.now);
  const tag = useSyncExternalStore(environment.subscribe, environment.now);
  const close = () => setOpen(undefined);
  const Palette = useLate(loadPalette, open === 'palette');
  const Shortcuts = useLate(loadShortcuts, open === 'shortcuts');
  useShortcuts({ openPalette: () => setOpen('palette'), openSheet: () => setOpen('shortcuts') });
  useEffect(() => {
    // The title is set by the page itself, a moment later; by then it may be another's.
    const note = (path: string) => setTimeout(() => {
      if (router.state.location.pathname === path) remember(path, document.title);
    }, 500);
    note(router.state.location.pathname);
    return router.subscribe('onResolved', ({ pathChanged, fromLocation, toLocation }) => {
      if (pathChanged && fromLocation !== undefined) arrival.walked();
      note(toLocation.pathname);
    });
  }, [router]);
  return (
    <div className="shell" data-environment={tag}>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById('main')?.focus(); }}>{shell.skip}</a>
      <TopBar onMenu={() => setOpen('nav')} onSearch={() => setOpen('palette')} onHelp={() => setOpen('shortcuts')} />
      <div className="sidebar"><Nav /></div>
      <main id="main" tabIndex={-1}>
        <Offline />
        <div className="page"><Outlet /></div>
      </main>
      <Drawer open={open === 'nav'} onClose={close} title={shell.product} left><Nav onGo={close} /></Drawer>
      {Palette !== undefined && <Palette onClose={close} onShortcuts={() => setOpen('shortcuts')} />}
      {Shortcuts !== undefined && <Shortcuts onClose={close} />}
      <Drawer open={toInspect !== undefined} onClose={() => inspect()} title={inspectorTitle} width={760}>
        <Suspense fallback={<Skeleton lines={8} />}>{toInspect !== undefined && <Inspect {...toInspect} />}</Suspense>
      </Drawer>
      <LeaveGuard />
      <SessionDialog />
      <Toasts />
    </div>
  );
}

/** For errors before there is a shell. */
export function Alone({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Dialog open onClose={() => {}} firm small title={title} width={460}>{children}</Dialog>
  );
}

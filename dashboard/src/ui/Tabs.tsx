import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import { basePath } from '../api/config';
import { ui } from '../text/ui';

/** Sections of one object, each with a path of its own: `within` and the tab's `id`. */
export function Tabs({ name, within, tabs }: { name: string; within: string; tabs: { id: string; label: string }[] }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const navigate = useNavigate();
  const here = decodeURI(path).startsWith(basePath) ? path.slice(basePath.length) : path;
  const current = tabs.find((tab) => here === `${within}/${tab.id}` || here.startsWith(`${within}/${tab.id}/`));
  return (
    <>
      <nav className="tabs" aria-label={ui.tabsLabel(name)} data-tabs>
        {tabs.map((tab) => (
          <Link key={tab.id} to={`${within}/${tab.id}` as string} aria-current={tab === current ? 'page' : undefined}>{tab.label}</Link>
        ))}
      </nav>
      <div className="tabs-select" data-tabs>
        <select className="input" aria-label={`${ui.tabsSelect}: ${name}`} value={current?.id ?? ''} onChange={(event) => void navigate({ to: `${within}/${event.target.value}` as string })}>
          {tabs.map((tab) => <option key={tab.id} value={tab.id}>{tab.label}</option>)}
        </select>
      </div>
    </>
  );
}

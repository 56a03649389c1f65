import type { ResourceServer } from '../../../api/resourceServers';
import { apis as words } from '../../../text/apis';
import { ui } from '../../../text/ui';
import { CopyButton, EmptyState, FilterInput, Notice, useSearchParam } from '../../../ui';
import { ListFilter } from '../../../ui/icons';
import { isManagementApi } from '../kinds';

/** The permissions that the server itself defines, by the resource they are about. */
export function SystemPermissions({ api }: { api: ResourceServer }) {
  const [q, setQ] = useSearchParam('q');
  const needle = q.trim().toLowerCase();
  const all = api.scopes ?? [];
  const shown = all.filter(({ value, description = '' }) => `${value} ${description}`.toLowerCase().includes(needle));
  const groups = [...Map.groupBy(shown, ({ value }) => value.split(':').slice(1).join(':') || value)];
  return (
    <div className="stack">
      <Notice>{isManagementApi(api) ? words.scopes.system : words.scopes.systemOther}</Notice>
      <div className="toolbar"><FilterInput value={q} onChange={setQ} label={words.scopes.filter} status={words.scopes.count(shown.length, all.length)} /></div>
      {shown.length === 0 ? <EmptyState icon={ListFilter} title={ui.noMatch(q)} /> : (
        <div className="resources">
          {groups.map(([group, scopes]) => (
            <section key={group} className="card" aria-label={group}>
              <header><h2>{group.replaceAll('_', ' ').replaceAll(':', ' ')}</h2><span className="muted small number">{scopes.length}</span></header>
              <ul>
                {scopes.map(({ value, description }) => (
                  <li key={value}><code className="anywhere">{value}</code><span className="muted small">{description}</span><CopyButton value={value} what={value} /></li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      )}
    </div>
  );
}

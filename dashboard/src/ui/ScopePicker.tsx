import { useId, useMemo, useState } from 'react';
import type { Scope } from '../api/resourceServers';
import { ui } from '../text/ui';
import { Button } from './Button';
import { Search, TriangleAlert } from './icons';

const WIDENS = new Set(['create:client_grants', 'update:client_grants']);
const DESTROYS = /^(delete|remove|revoke|destroy|purge|blacklist)\b/;
const READS = /^(read|list|get|view)\b/;

/** Permissions with their descriptions, a filter and presets. */
export function ScopePicker({ scopes, value, onChange, disabled, grouped, label }: {
  scopes: Scope[];
  value: string[];
  onChange: (scopes: string[]) => void;
  disabled?: boolean | undefined;
  /** By resource, the part after the colon; for the Management API. */
  grouped?: boolean;
  label?: string;
}) {
  const id = useId();
  const [q, setQ] = useState('');
  const picked = useMemo(() => new Set(value), [value]);
  const needle = q.trim().toLowerCase();
  const shown = scopes.filter((scope) => `${scope.value} ${scope.description ?? ''}`.toLowerCase().includes(needle));
  const groups = Map.groupBy(shown, (scope) => (grouped === true ? (scope.value.split(':')[1] ?? '') : ''));
  // Presets act on what the filter shows, and leave the rest as it was.
  const preset = (wanted: (scope: Scope) => boolean) => {
    const result = new Set(value);
    for (const scope of shown) wanted(scope) ? result.add(scope.value) : result.delete(scope.value);
    onChange(scopes.map((scope) => scope.value).filter((scope) => result.has(scope)));
  };
  const toggle = (scope: string) => {
    const result = new Set(value);
    result.has(scope) ? result.delete(scope) : result.add(scope);
    onChange(scopes.map(({ value }) => value).filter((value) => result.has(value)));
  };
  if (scopes.length === 0) return <p className="well muted">{ui.noScopes}</p>;
  return (
    <div className="stack tight" role="group" aria-label={label ?? ui.scopeFilter}>
      <div className="row spread">
        <span className="number muted" role="status">{ui.scopeCount(value.length, scopes.length)}</span>
        <div className="row" role="group" aria-label={ui.selectPresets}>
          <Button small kind="link" disabled={disabled} onClick={() => preset(() => true)}>{ui.all}</Button>
          <Button small kind="link" disabled={disabled} onClick={() => preset(() => false)}>{ui.noneButton}</Button>
          <Button small kind="link" disabled={disabled} onClick={() => preset((scope) => READS.test(scope.value))}>{ui.readOnly}</Button>
        </div>
      </div>
      {scopes.length > 6 && (
        <div className="filter wide">
          <Search className="icon" size={16} aria-hidden />
          <input className="input" type="search" aria-label={ui.scopeFilter} placeholder={ui.scopeFilter} value={q} onChange={(event) => setQ(event.target.value)} />
        </div>
      )}
      <div className="scopes">
        {shown.length === 0 && <p className="muted" style={{ padding: 12 }}>{ui.noMatch(q)}</p>}
        {[...groups].map(([group, members]) => (
          <div key={group} {...(group !== '' && { role: 'group', 'aria-label': group })}>
            {group !== '' && <div className="group">{group.replaceAll('_', ' ')}</div>}
            {members.map((scope) => (
              <div className="check" key={scope.value}>
                <input
                  type="checkbox" id={`${id}${scope.value}`} checked={picked.has(scope.value)} disabled={disabled}
                  onChange={() => toggle(scope.value)}
                />
                <label htmlFor={`${id}${scope.value}`}>
                  <code>{scope.value}</code>
                  <span className="help">{scope.description}</span>
                  {DESTROYS.test(scope.value) && <span className="badge warning"><TriangleAlert size={12} aria-hidden />{ui.destructive}</span>}
                  {WIDENS.has(scope.value) && <span className="badge danger"><TriangleAlert size={12} aria-hidden />{ui.widens}</span>}
                </label>
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

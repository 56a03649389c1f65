import { useState } from 'react';
import { account } from '../../text/account';
import { FilterInput } from '../../ui';

const text = account.roles;
const ORDER = ['read', 'create', 'update', 'delete'];
const place = (verb: string) => (ORDER.indexOf(verb) + ORDER.length + 1) % (ORDER.length + 1);

/** All permissions, by what they are about, behind their number. */
export function Permissions({ scopes }: { scopes: string[] }) {
  const [q, setQ] = useState('');
  const shown = scopes.filter((scope) => scope.includes(q.trim().toLowerCase()));
  const resources = new Map<string, string[]>();
  for (const scope of shown) {
    const [verb = '', resource = ''] = scope.split(':');
    resources.set(resource, [...(resources.get(resource) ?? []), verb]);
  }
  if (scopes.length === 0) return null;
  return (
    <details>
      <summary className="summary">{text.permissions(scopes.length)}</summary>
      <div className="stack tight" style={{ marginTop: 12 }}>
        <div className="row"><FilterInput value={q} onChange={setQ} label={text.filter} status={text.filtered(shown.length, scopes.length)} /></div>
        <div className="scroll-x virtual" role="region" aria-label={text.list} tabIndex={0} style={{ maxHeight: 360 }}>
          <table className="plain">
            <thead><tr><th scope="col">{text.resource}</th><th scope="col">{text.may}</th></tr></thead>
            <tbody>
              {[...resources].sort(([one], [other]) => one.localeCompare(other)).map(([resource, verbs]) => (
                <tr key={resource}><td><code className="anywhere">{resource}</code></td><td>{[...verbs].sort((one, other) => place(one) - place(other)).join(', ')}</td></tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </details>
  );
}

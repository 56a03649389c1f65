import { reference as text } from '../../text/reference';

/** What code finds at a trigger: closed until somebody asks. */
export function Reference({ trigger }: { trigger: string }) {
  const lines = text.of[trigger];
  if (lines === undefined) return null;
  return (
    <details>
      <summary className="summary">{text.title}</summary>
      <div className="scroll-x" role="region" aria-label={text.label} tabIndex={0}>
        <table className="plain">
          <tbody>{lines.map(([name, what]) => <tr key={name}><td><code className="anywhere">{name}</code></td><td>{what}</td></tr>)}</tbody>
        </table>
      </div>
    </details>
  );
}

import type { ReactNode } from 'react';

/** One numbered step of a quick start. */
export function Step({ number, title, lead, children }: { number: number; title: string; lead?: string | undefined; children: ReactNode }) {
  return (
    <section className="stack tight" aria-label={title}>
      <div>
        <h2><span className="muted number">{number}</span>&ensp;{title}</h2>
        {lead !== undefined && <p className="muted measure">{lead}</p>}
      </div>
      {children}
    </section>
  );
}

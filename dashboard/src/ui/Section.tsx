import { useId, type ReactNode } from 'react';

/** Some settings that belong together: what they are about on the left, the controls on the right. */
export function Section({ title, lead, aside, children, danger }: {
  title: string;
  lead?: ReactNode;
  /** Under the lead, such as a button. */
  aside?: ReactNode;
  children: ReactNode;
  danger?: boolean;
}) {
  const id = useId();
  return (
    <section className="section" aria-labelledby={id} {...(danger === true && { 'data-danger': true })}>
      <div className="about stack tight">
        <h2 id={id}>{title}</h2>
        {lead !== undefined && <p className="muted small">{lead}</p>}
        {aside}
      </div>
      <div className="controls stack">{children}</div>
    </section>
  );
}

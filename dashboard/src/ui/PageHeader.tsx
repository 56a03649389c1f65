import { Link, type LinkProps } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import { config } from '../api/config';
import { ui } from '../text/ui';
import { ArrowLeft } from './icons';
import { arrival } from './arrival';

/** "Settings – nightly-job – acme-dev". */
export function useTitle(section: string, object?: string) {
  useEffect(() => {
    document.title = [section, object, config.tenant.name].filter(Boolean).join(' – ');
    arrival.titled();
  }, [section, object]);
}

/**
 * The one `h1` of a page, what it is for, and its actions. `section` is the first part of the document's title where it
 * is not the `title`, as on the tabs of an object.
 */
export function PageHeader({ title, section, lead, facts, actions, back }: {
  title: string;
  section?: string;
  lead?: ReactNode;
  /** A line of identifiers and states under the title. */
  facts?: ReactNode;
  actions?: ReactNode;
  back?: { to: LinkProps['to']; label: string };
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(section ?? title, section === undefined ? undefined : title);
  useEffect(() => arrival.headed(heading.current!), []);
  return (
    <div className="page-header">
      <div className="titles">
        {back !== undefined && <Link to={back.to!} className="crumb"><ArrowLeft className="icon" size={14} aria-hidden />{back.label}</Link>}
        <h1 ref={heading} tabIndex={-1}>{title === '' ? ui.loading : title}</h1>
        {facts !== undefined && <div className="facts-line">{facts}</div>}
        {lead !== undefined && <p className="lead">{lead}</p>}
      </div>
      {actions !== undefined && <div className="actions">{actions}</div>}
    </div>
  );
}

import { createContext, useContext, type ReactNode } from 'react';
import { tenant as text } from '../../text/tenant';
import { Badge, Section } from '../../ui';
import { isStoredOnly } from './stored';

const IsMarked = createContext(false);

/** The name of a setting, with a mark if nothing acts on it yet. */
export function Named({ path, children }: { path: string; children: ReactNode }) {
  const isMarked = useContext(IsMarked);
  return <>{children}{!isMarked && isStoredOnly(path) && <> <Badge>{text.stored}</Badge></>}</>;
}

/** A section that has the mark once, when it holds for all of its settings. */
export function Marked({ paths, title, lead, children }: { paths: string[]; title: string; lead: string; children: ReactNode }) {
  const isMarked = paths.every(isStoredOnly);
  return (
    <Section title={title} lead={lead} {...(isMarked && { aside: <div><Badge>{text.stored}</Badge></div> })}>
      <IsMarked value={isMarked}>{children}</IsMarked>
    </Section>
  );
}

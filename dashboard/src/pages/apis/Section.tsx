import type { ReactNode } from 'react';
import type { ResourceServer } from '../../api/resourceServers';
import { apis as words } from '../../text/apis';
import type { Form } from '../../ui/useForm';

export type Part = { form: Form<ResourceServer>; refused: string | undefined };

export function Section({ id, children }: { id: string; children: ReactNode }) {
  const title = words.settings.sections.find((section) => section.id === id)?.title ?? '';
  return <section id={id} className="card" aria-labelledby={`${id}-title`}><header><h2 id={`${id}-title`}>{title}</h2></header><div className="body stack">{children}</div></section>;
}

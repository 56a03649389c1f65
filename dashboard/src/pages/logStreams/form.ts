// The form of a log stream, which two of its tabs share.
import { logStreamQuery, pathOf, updateLogStream, type LogStream } from '../../api/logStreams';
import type { Versioned } from '../../api/http';
import { queryClient } from '../../api/query';
import { logStreams as text } from '../../text/logStreams';
import { ui } from '../../text/ui';
import { useForm, type Form } from '../../ui/useForm';
import { MEMBERS, sinkFaults } from './kinds';

export type StreamForm = Form<LogStream>;
export type Part = { form: StreamForm; disabled: boolean };

/** What a production tenant looks at twice. */
export const RISKY = ['sink', 'sink.httpEndpoint', 'filters', 'isPriority', 'pii_config'];

export const draftOf = (id: string) => `log-streams/${id}`;

export const nameFault = (name: string): string | undefined => (name.trim() === '' ? text.dialog.nameMissing : [...name].length > 255 ? ui.tooLong(255) : undefined);

const isSecret = (keys: string[]) => keys[0] === 'sink' && (keys[1] === 'httpCustomHeaders' || Object.values(MEMBERS).flat().some(({ name, secret }) => name === keys[1] && secret === true));

export function useStreamForm(read: Versioned<LogStream>): StreamForm {
  const { id, type } = read.value;
  const form = useForm<LogStream>({
    key: draftOf(id), read, within: `/log-streams/${id}`, path: pathOf(id),
    labels: { ...text.labels, ...Object.fromEntries(Object.entries(text.fields).map(([name, [label]]) => [`sink.${name}`, label])) },
    history: { kind: 'log-streams', id },
    check: ({ name, sink }) => ({ name: nameFault(name ?? ''), ...sinkFaults(type, sink) }),
    requests: (body) => [{ path: pathOf(id), body: 'sink' in body ? { ...body, sink: '…' } : body }],
    save: (patch, etag) => updateLogStream(id, patch, etag),
    reload: () => queryClient.fetchQuery({ ...logStreamQuery(id), staleTime: 0 }),
  });
  // Whoever looks over a shoulder at the review does not see what was typed.
  return { ...form, changes: form.changes.map((change) => (isSecret(change.keys) ? { ...change, new: '…' } : change)) };
}

import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { logStreams as words } from '../../text/logStreams';
import { Allowed, Button, CopyLine, ReadOnly, refusal, Section, TextField } from '../../ui';
import { SaveBar } from '../../ui/SaveBar';
import { DeleteStream } from './DeleteStream';
import { RISKY, useStreamForm } from './form';
import { isCloud } from './kinds';
import { SinkFields } from './SinkFields';
import { useStream } from './useStream';

const text = words.settings;

export default function Settings() {
  const { stream, read } = useStream();
  const navigate = useNavigate();
  const form = useStreamForm(read);
  const [isDeleting, setDeleting] = useState(false);
  const refused = refusal('update:log_streams');
  const disabled = refused !== undefined;
  // What the server names there, and what cannot be changed of a stream to a cloud.
  const named = ['awsPartnerEventSource', 'azurePartnerTopic'].flatMap((name) => (typeof stream.sink[name] === 'string' ? [[name, stream.sink[name]] as const] : []));
  return (
    <div className="stack">
      <ReadOnly scope="update:log_streams" />
      <div className="sections">
        <Section title={text.general} lead={text.generalLead}>
          <TextField label={words.name} required disabled={disabled} value={form.draft.name ?? ''} onChange={(name) => form.set('name', name)} error={form.errorOf('name')} />
        </Section>
        <Section title={text.service} lead={text.serviceLead}>
          <dl className="facts">
            <dt>{words.kind}</dt><dd>{words.kinds[stream.type][0]}<div className="muted small">{text.fixedKind}</div></dd>
            {named.map(([name, value]) => <FragmentOf key={name} label={words.fields[name]![0]} value={value} />)}
          </dl>
          <SinkFields
            kind={stream.type} sink={form.draft.sink} disabled={disabled || isCloud(stream.type)} stored={{ id: stream.id, sink: stream.sink }}
            set={(member, value) => form.set(`sink.${member}`, value)} errorOf={(member) => form.errorOf(`sink.${member}`)}
          />
        </Section>
        <Allowed scope="delete:log_streams">
          <Section title={text.danger} lead={text.dangerLead} danger>
            <div><Button kind="danger" onClick={() => setDeleting(true)}>{words.remove.button}</Button></div>
          </Section>
        </Allowed>
      </div>
      <SaveBar form={form} risky={RISKY} refused={refused} />
      <DeleteStream stream={isDeleting ? stream : undefined} onClose={() => setDeleting(false)} onDeleted={() => void navigate({ to: '/log-streams' })} />
    </div>
  );
}

const FragmentOf = ({ label, value }: { label: string; value: string }) => <><dt>{label}</dt><dd><CopyLine value={value} what={label} /></dd></>;

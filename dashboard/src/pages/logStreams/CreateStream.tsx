import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { createLogStream, type PiiField, type Sink, type StreamKind } from '../../api/logStreams';
import { logStreams as words } from '../../text/logStreams';
import { ui } from '../../text/ui';
import { Button, Dialog, ErrorPanel, Notice, RadioCards, Select, Switch, TextField, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';
import { nameFault } from './form';
import { freshSink, isCloud, KINDS, sinkFaults } from './kinds';
import { SinkFields } from './SinkFields';

const text = words.dialog;
type Begin = keyof typeof text.begins;
const HOUR = 3_600_000;
/** How long ago the first event may be that is sent. */
const BACK: Record<Begin, number | undefined> = { now: undefined, hour: HOUR, day: 24 * HOUR, all: Number.POSITIVE_INFINITY };

export function CreateStream({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<StreamKind>('http');
  const [sink, setSink] = useState<Sink>(freshSink('http'));
  const [begin, setBegin] = useState<Begin>('now');
  const [isVeiled, setVeiled] = useState(false);
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const faults: Record<string, string | undefined> = { name: nameFault(name), ...sinkFaults(kind, sink) };
  const errorOf = (path: string) => (isTried ? faults[path] : undefined);
  const choose = (kind: StreamKind) => {
    setKind(kind);
    setSink(freshSink(kind));
    setTried(false);
  };
  const create = async () => {
    setTried(true);
    if (Object.values(faults).some((fault) => fault !== undefined)) return;
    await attempt(async () => {
      const back = BACK[begin];
      const from = back === undefined ? undefined : new Date(Math.max(Date.now() - back, 0)).toISOString();
      const told = Object.entries(sink).filter(([, value]) => value !== undefined && value !== '');
      const stream = await createLogStream({
        name: name.trim(), type: kind, sink: Object.fromEntries(told),
        ...(isVeiled && { pii_config: { log_fields: Object.keys(words.filters.piiFields) as PiiField[], method: 'hash' as const } }),
        ...(from !== undefined && { startFrom: from }),
      });
      onClose();
      toast(text.created(name.trim()));
      await navigate({ to: '/log-streams/$id/health', params: { id: stream.id } });
    });
  };
  return (
    <Dialog
      open onClose={onClose} firm={name !== ''} title={words.create} width={680}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} type="submit" form="create-log-stream">{words.create}</Button></>}
    >
      <form id="create-log-stream" className="stack" noValidate onSubmit={(event) => { event.preventDefault(); void create(); }}>
        <TextField label={words.name} required value={name} onChange={setName} error={errorOf('name')} data-autofocus />
        <RadioCards label={text.service} column={180} value={kind} onChange={choose} cards={KINDS.map((value) => ({ value, title: words.kinds[value][0], help: words.kinds[value][1] }))} />
        {isCloud(kind) && <Notice kind="warning" live>{words.needsAccess}</Notice>}
        <SinkFields key={kind} kind={kind} sink={sink} set={(member, value) => setSink((sink) => ({ ...sink, [member]: value }))} errorOf={(member) => errorOf(`sink.${member}`)} />
        <Select label={text.begin} help={text.beginHelp} value={begin} onChange={setBegin} options={(Object.keys(text.begins) as Begin[]).map((value) => ({ value, label: text.begins[value] }))} />
        <Switch label={text.veil} help={text.veilHelp} checked={isVeiled} onChange={setVeiled} />
        <p className="muted small">{text.all}</p>
      </form>
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

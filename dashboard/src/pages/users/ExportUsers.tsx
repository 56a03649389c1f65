import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { connectionsOfPeople } from '../../api/connections';
import { downloadOf, exportUsers, type ExportFormat, type Job } from '../../api/userJobs';
import { can } from '../../auth/me';
import { ui } from '../../text/ui';
import { users } from '../../text/users';
import { Button, Dialog, ErrorPanel, RadioCards, Select, TextArea, toast } from '../../ui';
import { Download } from '../../ui/icons';
import { useAttempt } from '../../ui/useAttempt';
import { fieldsIn } from './exportFields';
import { JobProgress } from './JobProgress';

const text = users.exporting;
const MOST = { csv: 30, json: 100 };

export default function ExportUsers({ onClose }: { onClose: () => void }) {
  const [job, setJob] = useState('');
  return (
    <Dialog
      open onClose={onClose} title={text.title} width={600}
      {...(job !== '' && { footer: <><Button onClick={() => setJob('')}>{text.again}</Button><Button onClick={onClose}>{ui.close}</Button></> })}
    >
      {job === '' ? <Ask onBegin={setJob} onClose={onClose} /> : <JobProgress id={job} label={text.title} states={text.states}>{(job) => <Ready job={job} />}</JobProgress>}
    </Dialog>
  );
}

function Ask({ onBegin, onClose }: { onBegin: (job: string) => void; onClose: () => void }) {
  const connections = useQuery(connectionsOfPeople());
  const [connection, setConnection] = useState('');
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [which, setWhich] = useState<'usual' | 'chosen'>('usual');
  const [lines, setLines] = useState('user_id\nemail\nidentities[0].connection, connection');
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const fields = which === 'chosen' ? fieldsIn(lines) : undefined;
  const fault = fields === undefined ? undefined
    : fields.length === 0 ? text.chosenMissing
      : fields.length > MOST[format] ? text.tooMany(MOST[format])
        : format === 'csv' && fields.some(({ name }) => name === 'user_metadata' || name === 'app_metadata') ? text.noWhole : undefined;
  const begin = async () => {
    setTried(true);
    if (fault !== undefined) return;
    await attempt(async () => onBegin((await exportUsers({ format, ...(connection !== '' && { connection_id: connection }), ...(fields !== undefined && { fields }) })).id));
  };
  return (
    <>
      <p className="muted">{text.lead}</p>
      {can('read:connections') && (
        <Select label={text.connection} value={connection} onChange={setConnection} options={[{ value: '', label: text.all }, ...(connections.data ?? []).map(({ id, name, display_name }) => ({ value: id, label: display_name || name }))]} />
      )}
      <RadioCards label={text.format} value={format} onChange={setFormat} column={200} cards={(['csv', 'json'] as const).map((value) => ({ value, title: text.formats[value]![0], help: text.formats[value]![1] }))} />
      <RadioCards label={text.fields} value={which} onChange={setWhich} column={200} cards={[{ value: 'usual', title: text.usual, help: text.usualHelp }, { value: 'chosen', title: text.chosen }]} />
      {which === 'chosen' && <TextArea label={text.chosenLabel} help={text.chosenHelp} mono rows={5} value={lines} onChange={setLines} error={isTried ? fault : undefined} />}
      {error !== undefined && <ErrorPanel error={error} />}
      <div className="row end"><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void begin()}>{text.confirm}</Button></div>
    </>
  );
}

function Ready({ job: { id, status } }: { job: Job }) {
  const { isBusy, error, attempt } = useAttempt();
  if (status !== 'completed') return null;
  const follow = () => attempt(async () => {
    const url = await downloadOf(id);
    if (url === undefined) return toast(text.gone);
    const link = document.createElement('a');
    link.href = url;
    link.click();
  });
  return (
    <>
      <div><Button kind="primary" icon={Download} busy={isBusy} onClick={() => void follow()}>{text.download}</Button></div>
      <p className="muted small">{text.lasts}</p>
      {error !== undefined && <ErrorPanel error={error} />}
    </>
  );
}

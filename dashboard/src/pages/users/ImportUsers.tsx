import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { isDatabase, connectionsOfPeople } from '../../api/connections';
import { stale } from '../../api/query';
import { importUsers, jobErrorsQuery, type ImportError, type Job } from '../../api/userJobs';
import { ui } from '../../text/ui';
import { users } from '../../text/users';
import { Button, Checkbox, CodeBlock, DataTable, Dialog, download, ErrorPanel, Field, Notice, refusal, Select, Skeleton, type Column } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';
import { JobProgress } from './JobProgress';

const text = users.importing;
const MOST_BYTES = 512_000;
const SHOWN = 100;
const EXAMPLE = JSON.stringify([
  { email: 'jane@acme.example', email_verified: true, name: 'Jane Doe', password_hash: '$2b$10$…', app_metadata: { plan: 'gold' } },
  { email: 'john@acme.example', user_metadata: { lang: 'de' } },
], null, 2);

type Chosen = { file: File; count?: number; fault?: string };

export default function ImportUsers({ onClose }: { onClose: () => void }) {
  const [job, setJob] = useState('');
  const [chosen, setChosen] = useState<Chosen>();
  return (
    <Dialog
      open onClose={onClose} title={text.title} width={680} firm={chosen !== undefined && job === ''}
      {...(job !== '' && { footer: <><Button onClick={() => { setJob(''); setChosen(undefined); }}>{text.again}</Button><Button kind="primary" onClick={onClose}>{ui.close}</Button></> })}
    >
      {job === '' ? <Ask chosen={chosen} onChoose={setChosen} onBegin={setJob} onClose={onClose} />
        : <JobProgress id={job} label={text.progress} states={text.states} onEnd={() => void stale('users')}>{(job) => <Outcome job={job} />}</JobProgress>}
    </Dialog>
  );
}

function Ask({ chosen, onChoose, onBegin, onClose }: { chosen: Chosen | undefined; onChoose: (chosen: Chosen | undefined) => void; onBegin: (job: string) => void; onClose: () => void }) {
  const read = useQuery(connectionsOfPeople());
  const databases = read.data?.filter(isDatabase);
  const [connection, setConnection] = useState('');
  const [upsert, setUpsert] = useState(false);
  const [mails, setMails] = useState(false);
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const id = connection || databases?.[0]?.id || '';
  const begin = async () => {
    setTried(true);
    if (chosen === undefined || chosen.fault !== undefined || id === '') return;
    await attempt(async () => onBegin((await importUsers(chosen.file, { connection_id: id, upsert, send_completion_email: mails })).id));
  };
  return (
    <>
      <p className="muted">{text.lead}</p>
      <Field label={text.file} required error={chosen === undefined ? (isTried ? text.fileMissing : undefined) : chosen.fault} help={chosen?.count !== undefined ? text.holds(chosen.count) : undefined}>
        {(tie) => <input {...tie} className="input" type="file" accept="application/json,.json" onChange={(event) => void look(event.target.files?.[0]).then(onChoose)} />}
      </Field>
      <details><summary className="summary small">{text.example}</summary><CodeBlock what={text.example} code={EXAMPLE} /></details>
      {read.isError ? <ErrorPanel error={read.error} retry={() => void read.refetch()} />
        : refusal('read:connections') !== undefined ? <Notice kind="warning">{refusal('read:connections')}</Notice>
          : databases === undefined ? <Skeleton height={34} />
            : databases.length === 0 ? <Notice kind="warning">{text.noDatabase}</Notice>
              : <Select label={text.connection} help={text.connectionHelp} value={id} onChange={setConnection} options={databases.map(({ id, name, display_name }) => ({ value: id, label: display_name || name }))} />}
      <Checkbox label={text.upsert} help={refusal('update:users') ?? text.upsertHelp} disabled={refusal('update:users') !== undefined} checked={upsert} onChange={setUpsert} />
      <Checkbox label={text.mail} checked={mails} onChange={setMails} />
      {error !== undefined && <ErrorPanel error={error} />}
      <div className="row end"><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void begin()}>{text.confirm}</Button></div>
    </>
  );
}

/** What a file holds, before it is sent anywhere. */
async function look(file: File | undefined): Promise<Chosen | undefined> {
  if (file === undefined) return undefined;
  if (file.size > MOST_BYTES) return { file, fault: text.tooLong };
  try {
    const list: unknown = JSON.parse(await file.text());
    return Array.isArray(list) ? { file, count: list.length } : { file, fault: text.notList };
  } catch (error) {
    return { file, fault: text.notJson(error instanceof Error ? error.message : String(error)) };
  }
}

function Outcome({ job: { id, status, summary } }: { job: Job }) {
  if (status !== 'completed' && status !== 'failed') return <p className="muted small">{text.background}</p>;
  return (
    <>
      {summary !== undefined && <p className="strong">{text.summary(summary.total, summary.inserted, summary.updated, summary.failed)}</p>}
      {summary !== undefined && summary.failed > 0 && <Errors id={id} />}
    </>
  );
}

function Errors({ id }: { id: string }) {
  const read = useQuery(jobErrorsQuery(id));
  if (read.isPending) return <Skeleton lines={3} height={32} />;
  if (read.isError) return <ErrorPanel error={read.error} retry={() => void read.refetch()} />;
  const rows = read.data.map((error, place) => ({ ...error, place }));
  const columns: Column<ImportError & { place: number }>[] = [
    { key: 'who', header: text.who, width: '34%', cell: ({ user }) => <span className="anywhere">{nameIn(user)}</span> },
    { key: 'why', header: text.why, cell: ({ errors }) => <div className="stack tight">{errors.map(({ code, message, path }, index) => <div key={index} className="anywhere"><code>{code}</code> {message} {path !== undefined && path !== '' && <span className="muted small">{path}</span>}</div>)}</div> },
  ];
  return (
    <section className="stack tight" aria-label={text.errors}>
      <div className="row spread"><h3>{text.errors}</h3><Button small onClick={() => download('import-errors.json', JSON.stringify(read.data, null, 2), 'application/json')}>{text.downloadErrors}</Button></div>
      <DataTable label={text.errors} columns={columns} rows={rows.slice(0, SHOWN)} rowKey={({ place }) => String(place)} sortParam="sort-errors" />
      {rows.length > SHOWN && <p className="muted small">{text.errorsCut(SHOWN, rows.length)}</p>}
    </section>
  );
}

const nameIn = (user: Record<string, unknown>): string =>
  [user['email'], user['username'], user['phone_number'], user['user_id']].find((one): one is string => typeof one === 'string' && one !== '') ?? text.unnamed;

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { auditQuery, checkpointsQuery, type AuditState, type Checkpoint } from '../../api/audit';
import { config } from '../../api/config';
import { showNumber, showTime } from '../../lib/time';
import { audit as words } from '../../text/audit';
import { Button, CodeBlock, DataTable, download, ErrorPanel, IconButton, LiveDot, Nothing, Notice, PageHeader, Section, Skeleton, type Column } from '../../ui';
import { Download } from '../../ui/icons';
import { Verify } from './Verify';

/** How far the log is sealed, what was signed of it, and whether it still is what was sealed. */
export default function Audit() {
  const state = useQuery(auditQuery());
  return (
    <>
      <PageHeader title={words.title} lead={words.lead} />
      {state.isPending ? <Skeleton lines={6} height={28} />
        : state.isError ? <ErrorPanel error={state.error} retry={() => void state.refetch()} />
          : (
            <>
              {!state.data.log_seals && <Off wasOn={state.data.sealed !== null} />}
              <div className="sections">
                <Seals state={state.data} />
                <Checkpoints latest={state.data.checkpoint} />
                <Verify isSealed={state.data.sealed !== null} />
              </div>
            </>
          )}
    </>
  );
}

const Off = ({ wasOn }: { wasOn: boolean }) => {
  const text = words.seals;
  return (
    <div className="stack" style={{ marginBottom: 20 }}>
      <Notice kind="warning">
        <p className="strong">{text.offTitle}</p>
        <p>{text.offHow}</p>
        {wasOn && <p>{text.offRest}</p>}
      </Notice>
      <CodeBlock what={text.config} code="log_seals = true" />
    </div>
  );
};

function Seals({ state: { log_seals: isOn, sealed } }: { state: AuditState }) {
  const text = words.seals;
  return (
    <Section title={text.title} lead={text.lead}>
      <dl className="facts">
        <dt>{text.state}</dt><dd><LiveDot state={isOn ? 'on' : 'off'}>{isOn ? text.on : text.off}</LiveDot></dd>
        <dt>{text.at}</dt><dd>{sealed === null ? text.nothing : <time dateTime={sealed.date}>{showTime(sealed.date)}</time>}</dd>
        <dt>{text.last}</dt><dd className="anywhere">{sealed === null ? <Nothing /> : <Link to="/logs/$logId" params={{ logId: sealed.log_id }}><code>{sealed.log_id}</code></Link>}</dd>
        <dt>{text.since}</dt><dd>{sealed === null ? <Nothing /> : showTime(sealed.since)}</dd>
        <dt>{text.waiting}</dt><dd className="number">{sealed === null ? <Nothing /> : text.events(sealed.waiting)}</dd>
      </dl>
    </Section>
  );
}

const save = ({ checkpoint, part }: Checkpoint) => download(`${config.tenant.name}-log-checkpoint-${part}.jwt`, `${checkpoint}\n`, 'application/jwt');

const COLUMNS: Column<Checkpoint>[] = [
  { key: 'signed', header: words.checkpoints.signed, sort: ({ signed_at }) => signed_at, cell: ({ signed_at }) => <time className="nobreak" dateTime={signed_at}>{showTime(signed_at)}</time> },
  { key: 'part', header: words.checkpoints.part, end: true, sort: ({ part }) => part, cell: ({ part }) => showNumber(part) },
  { key: 'event', header: words.checkpoints.event, cell: ({ log_id }) => <Link to="/logs/$logId" params={{ logId: log_id }} title={log_id}><code className="small">…{log_id.slice(-12)}</code></Link> },
  { key: 'download', header: words.checkpoints.download, actions: true, cell: (one) => <IconButton icon={Download} label={words.checkpoints.downloadOf(showTime(one.signed_at))} onClick={() => save(one)} /> },
];

function Checkpoints({ latest }: { latest: Checkpoint | null }) {
  const text = words.checkpoints;
  const listed = useQuery({ ...checkpointsQuery(), enabled: latest !== null });
  return (
    <Section title={text.title} lead={text.lead} aside={latest !== null && <div><Button icon={Download} onClick={() => save(latest)}>{text.latest}</Button></div>}>
      {latest === null ? <p className="muted">{text.empty}</p>
        : listed.isPending ? <Skeleton lines={4} height={24} />
          : listed.isError ? <ErrorPanel error={listed.error} retry={() => void listed.refetch()} />
            : <DataTable label={text.table} columns={COLUMNS} rows={listed.data} rowKey={({ part }) => String(part)} initialSort="-signed" />}
      {latest !== null && <p className="muted small">{text.command}</p>}
    </Section>
  );
}

// What a verification found out.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { verificationQuery, type Finding } from '../../api/audit';
import { config } from '../../api/config';
import { showNumber, showTime } from '../../lib/time';
import { audit as words } from '../../text/audit';
import { Button, DataTable, download, ErrorPanel, Notice, Skeleton, type Column } from '../../ui';
import { Download } from '../../ui/icons';

const text = words.report;

/** Where a finding is: an event that may still be there, or some parts. */
function where(finding: Finding): ReactNode {
  switch (finding.kind) {
    case 'removed': return <code className="small anywhere">{finding.log_id}</code>;
    case 'altered': case 'added': case 'moved': return <Link className="anywhere" to="/logs/$logId" params={{ logId: finding.log_id }}><code className="small">{finding.log_id}</code></Link>;
    case 'missing_parts': return words.parts(finding.from, finding.to);
    case 'unknown_key': return `${words.part(finding.part)} · ${words.key(finding.key)}`;
    case 'checkpoint': return finding.part === null ? words.kinds.checkpoint[0] : words.part(finding.part);
  }
}

function what(finding: Finding): string {
  if (finding.kind === 'checkpoint') return words.doubts[finding.reason];
  if (finding.kind === 'moved' && finding.behind !== null) return `${words.kinds.moved[1]} ${words.after(finding.behind)}`;
  return words.kinds[finding.kind][1];
}

const COLUMNS: Column<{ finding: Finding; row: number }>[] = [
  { key: 'kind', header: text.kind, sort: ({ finding }) => finding.kind, cell: ({ finding }) => <><span className="strong">{words.kinds[finding.kind][0]}</span><div className="muted small anywhere">{what(finding)}</div></> },
  { key: 'where', header: text.where, cell: ({ finding }) => where(finding) },
];
const MANY = 100;

export function Result({ id }: { id: string }) {
  const read = useQuery(verificationQuery(id));
  if (read.isPending) return <Skeleton lines={4} height={24} />;
  if (read.isError) return <ErrorPanel error={read.error} retry={() => void read.refetch()} />;
  const { problem, report, created_at } = read.data;
  if (report === undefined) return <Notice kind="danger" live>{problem ?? words.verify.states.failed}</Notice>;
  const { findings_count: count, findings } = report;
  const rows = findings.map((finding, row) => ({ finding, row }));
  const facts: [string, ReactNode][] = [
    [text.sealed, showNumber(report.sealed)], [text.unsealed, showNumber(report.unsealed)], [text.expired, showNumber(report.expired)], [text.checkpoints, showNumber(report.checkpoints)],
    ...(report.expired_checkpoints > 0 ? [[text.expiredCheckpoints, showNumber(report.expired_checkpoints)] as [string, ReactNode]] : []),
  ];
  return (
    <section className="stack" aria-label={text.title}>
      <Notice kind={count === 0 ? 'success' : 'danger'} live><p className="strong">{count === 0 ? text.good : text.bad(count)}</p><p className="small">{showTime(created_at)}</p></Notice>
      <dl className="facts">{facts.map(([label, value]) => <Fact key={label} label={label} value={value} />)}</dl>
      {count > 0 && (
        <>
          <DataTable label={text.findings} columns={COLUMNS} rows={rows} rowKey={({ row }) => String(row)} sortParam="findings" {...(rows.length > MANY && { virtual: { rowHeight: 77, height: 480 } })} />
          {count > findings.length && <p className="muted small">{text.more(count - findings.length)}</p>}
          <div><Button small icon={Download} onClick={() => download(`${config.tenant.name}-log-findings.json`, JSON.stringify(read.data, null, 2), 'application/json')}>{text.download}</Button></div>
        </>
      )}
    </section>
  );
}

const Fact = ({ label, value }: { label: string; value: ReactNode }) => <><dt>{label}</dt><dd className="number">{value}</dd></>;

// Runs a verification, follows it, and lists those of the last day.
import { useQuery } from '@tanstack/react-query';
import { useState, type ChangeEvent } from 'react';
import { isOver, verificationsQuery, verifyLog, type Verification } from '../../api/audit';
import { resumed, resumeOf } from '../../auth/resume';
import { showTime } from '../../lib/time';
import { audit as words } from '../../text/audit';
import { Button, DataTable, ErrorPanel, LiveDot, Nothing, Notice, refusal, Section, Select, TextArea, type Column } from '../../ui';
import { ShieldCheck } from '../../ui/icons';
import { useAttempt } from '../../ui/useAttempt';
import { Result } from './Result';

const text = words.verify;
type Range = keyof typeof text.ranges;
const HOUR = 3_600_000;
const BACK: Record<Range, number | undefined> = { all: undefined, week: 7 * 24 * HOUR, day: 24 * HOUR, hour: HOUR };

export function Verify({ isSealed }: { isSealed: boolean }) {
  const [again] = useState(() => resumed<{ range: Range; kept: string }>('verify-log'));
  const [range, setRange] = useState<Range>(again?.range ?? 'all');
  const [kept, setKept] = useState(again?.kept ?? '');
  const [chosen, setChosen] = useState<string>();
  const { isBusy, error, attempt } = useAttempt();
  const listed = useQuery(verificationsQuery());
  const all = listed.data ?? [];
  const running = all.find((one) => !isOver(one));
  const shown = all.find(({ id }) => id === chosen) ?? all[0];
  const checkpoints = kept.split(/\s+/).filter((line) => line !== '');
  const fault = range !== 'all' && checkpoints.length > 0 ? text.keptAll : undefined;
  const run = async () => {
    if (fault !== undefined) return;
    await attempt(async () => {
      const back = BACK[range];
      const begun = await verifyLog({ ...(back !== undefined && { from: new Date(Date.now() - back).toISOString() }), ...(checkpoints.length > 0 && { checkpoints }) });
      setChosen(begun.id);
    });
  };
  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    const texts = await Promise.all([...(event.target.files ?? [])].map((file) => file.text()));
    setKept((before) => [before.trim(), ...texts.map((text) => text.trim())].filter((line) => line !== '').join('\n'));
    event.target.value = '';
  };
  const reason = refusal('read:logs') ?? (!isSealed ? text.nothing : running !== undefined ? text.running : undefined);
  return (
    <Section title={text.title} lead={text.lead}>
      {again !== undefined && <Notice kind="success">{text.again}</Notice>}
      <Select label={text.range} value={range} onChange={setRange} options={(Object.keys(text.ranges) as Range[]).map((value) => ({ value, label: text.ranges[value] }))} />
      <TextArea label={text.kept} help={text.keptHelp} rows={2} mono value={kept} onChange={setKept} error={fault} />
      <div className="row">
        <Button kind="primary" icon={ShieldCheck} busy={isBusy} reason={reason} onClick={() => void run()}>{text.run}</Button>
        <label className="button">{text.files}<input type="file" className="sr" multiple aria-label={text.kept} onChange={(event) => void choose(event)} /></label>
      </div>
      {error !== undefined && <ErrorPanel error={error} resume={resumeOf('verify-log', { range, kept })} />}
      {listed.isError && <ErrorPanel error={listed.error} retry={() => void listed.refetch()} />}
      {running !== undefined && <Progress of={running} />}
      {shown !== undefined && isOver(shown) && <Result id={shown.id} />}
      {all.length > 1 && <Past all={all} shown={shown?.id} onShow={setChosen} />}
      <p className="muted small">{text.offline}</p>
    </Section>
  );
}

const Progress = ({ of: { status, percentage_done: done = 0 } }: { of: Verification }) => (
  <div className="stack tight">
    <div className="row spread">
      <p role="status"><LiveDot state="warning" pulse>{text.states[status]}</LiveDot></p>
      <span className="muted small number">{text.percent(done)}</span>
    </div>
    <progress className="progress" aria-label={text.progress} max={100} value={done} />
  </div>
);

function Past({ all, shown, onShow }: { all: Verification[]; shown: string | undefined; onShow: (id: string) => void }) {
  const { past, report } = words;
  const columns: Column<Verification>[] = [
    { key: 'when', header: past.when, cell: ({ created_at }) => <time className="nobreak" dateTime={created_at}>{showTime(created_at)}</time> },
    { key: 'range', header: past.range, cell: ({ from }) => (from === null ? past.all : past.from(showTime(from))) },
    { key: 'result', header: past.result, cell: (one) => (one.report === undefined ? text.states[one.status] : one.report.findings_count === 0 ? past.good : <span className="text-danger">{report.bad(one.report.findings_count)}</span>) },
    { key: 'show', header: past.show, end: true, cell: (one) => (isOver(one) && one.id !== shown ? <Button small aria-label={past.showOf(showTime(one.created_at))} onClick={() => onShow(one.id)}>{past.show}</Button> : <Nothing />) },
  ];
  return <><h3>{past.title}</h3><DataTable label={past.title} columns={columns} rows={all} rowKey={({ id }) => id} sortParam="past" /></>;
}

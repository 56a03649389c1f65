import { useQuery } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { hasEnded, jobQuery, type Job } from '../../api/userJobs';
import { showSpan } from '../../lib/time';
import { users } from '../../text/users';
import { ErrorPanel, LiveDot, Notice, Skeleton } from '../../ui';

type States = Record<Job['status'], string>;

/** How far a job is, and once it has ended, what its dialog says of that. */
export function JobProgress({ id, label, states, onEnd, children }: { id: string; label: string; states: States; onEnd?: () => void; children: (job: Job) => ReactNode }) {
  const read = useQuery(jobQuery(id));
  const job = read.data;
  const isOver = hasEnded(job);
  useEffect(() => {
    if (isOver) onEnd?.();
  }, [isOver]);
  if (read.isError && job === undefined) return <ErrorPanel error={read.error} retry={() => void read.refetch()} />;
  if (job === undefined) return <Skeleton lines={2} height={24} />;
  const done = job.status === 'completed' ? 100 : job.percentage_done;
  return (
    <div className="stack">
      <div className="stack tight">
        <div className="row spread">
          <p role="status"><LiveDot state={job.status === 'completed' ? 'on' : job.status === 'failed' ? 'error' : 'warning'} pulse={!isOver}>{states[job.status]}</LiveDot></p>
          {!isOver && job.time_left_seconds !== undefined && <span className="muted small number">{users.importing.left(showSpan(job.time_left_seconds))}</span>}
        </div>
        {!isOver && <progress className="progress" aria-label={label} max={100} {...(done !== undefined && { value: done })} />}
      </div>
      {job.status_details !== undefined && <Notice kind={job.status === 'failed' ? 'danger' : 'info'} live>{job.status_details}</Notice>}
      {children(job)}
    </div>
  );
}

// How many tokens the application may get, and how many it has had of them.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { updateClient, type Client } from '../../api/clients';
import { stale } from '../../api/query';
import { quotasQuery, type Quotas, type QuotaUse } from '../../api/limits';
import { levelOf, shareOf } from '../../lib/quota';
import { showAgo, showNumber, showTime } from '../../lib/time';
import { quota as text } from '../../text/quota';
import { ui } from '../../text/ui';
import { Button, Checkbox, ErrorPanel, ReadOnly, refusal, Skeleton, TextField, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';
import './quota.css';

export function Quota({ client, etag }: { client: Client; etag: string | null }) {
  const use = useQuery(quotasQuery(client.client_id));
  return (
    <section className="card" aria-labelledby="quota">
      <header><h2 id="quota">{text.title}</h2></header>
      <div className="body stack loose">
        {use.isPending ? <Skeleton lines={2} height={24} /> : use.isError ? <ErrorPanel error={use.error} retry={() => void use.refetch()} /> : <Use quotas={use.data} />}
        <Limits key={JSON.stringify(client.token_quota)} client={client} etag={etag} />
      </div>
    </section>
  );
}

function Use({ quotas }: { quotas: Quotas }) {
  if (quotas.per_hour === null && quotas.per_day === null) return <p className="muted">{text.none}</p>;
  return (
    <div className="stack">
      <p className="muted small">{quotas.source !== null && `${text.sources[quotas.source]} `}{quotas.enforce ? text.enforced : text.watched}</p>
      {quotas.per_hour !== null && <Bar label={text.thisHour} use={quotas.per_hour} />}
      {quotas.per_day !== null && <Bar label={text.today} use={quotas.per_day} />}
    </div>
  );
}

/** Marks stand where the log warns: at 60, 80 and 100 %. */
function Bar({ label, use }: { label: string; use: QuotaUse }) {
  const share = shareOf(use);
  return (
    <div className="stack tight">
      <div className="row spread"><span className="strong">{label}</span><span className="number">{text.used(showNumber(use.used), showNumber(use.limit), Math.round(share * 100))}</span></div>
      <div className="quota-bar" data-level={levelOf(use)} aria-hidden><span style={{ width: `${Math.min(share, 1) * 100}%` }} /><i style={{ left: '60%' }} /><i style={{ left: '80%' }} /></div>
      <p className="muted small" title={showTime(use.resets_at)}>{levelOf(use) === 'full' && <span className="text-danger">{text.full} </span>}{text.resets(showAgo(use.resets_at))}</p>
    </div>
  );
}

function Limits({ client, etag }: { client: Client; etag: string | null }) {
  const current = client.token_quota?.client_credentials;
  const [hour, setHour] = useState(String(current?.per_hour ?? ''));
  const [day, setDay] = useState(String(current?.per_day ?? ''));
  const [isEnforced, setEnforced] = useState(current?.enforce !== false);
  const { isBusy, error, attempt } = useAttempt();
  const fault = (value: string) => (value === '' || /^[1-9]\d{0,8}$/.test(value) ? undefined : text.bad);
  const refused = refusal('update:clients');
  const save = async () => {
    await attempt(async () => {
      const limits = { ...(hour !== '' && { per_hour: Number(hour) }), ...(day !== '' && { per_day: Number(day) }) };
      await updateClient(client.client_id, { token_quota: hour === '' && day === '' ? null : { client_credentials: { enforce: isEnforced, ...limits } } }, etag);
      void stale('quotas');
      toast(ui.saved);
    });
  };
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <ReadOnly scope="update:clients" />
      <p className="muted">{text.lead} {text.empty}</p>
      <div className="grid" style={{ '--column': '200px' } as object}>
        <TextField label={text.perHour} inputMode="numeric" disabled={refused !== undefined} value={hour} onChange={setHour} error={fault(hour)} />
        <TextField label={text.perDay} inputMode="numeric" disabled={refused !== undefined} value={day} onChange={setDay} error={fault(day)} />
      </div>
      <Checkbox label={text.enforce} help={text.enforceHelp} checked={isEnforced} onChange={setEnforced} disabled={refused !== undefined} />
      {error !== undefined && <ErrorPanel error={error} />}
      <div className="row end"><Button kind="primary" type="submit" busy={isBusy} reason={refused} disabled={fault(hour) !== undefined || fault(day) !== undefined}>{ui.save}</Button></div>
    </form>
  );
}

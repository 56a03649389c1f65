import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { keyPolicyQuery, updateKeyPolicy, type KeyPolicy } from '../../../api/keys';
import { showAgo, showTime } from '../../../lib/time';
import { keyPolicy as text } from '../../../text/keyPolicy';
import { ui } from '../../../text/ui';
import { Button, ErrorPanel, refusal, Section, Skeleton, Switch, TextField, toast } from '../../../ui';
import { useAttempt } from '../../../ui/useAttempt';

/** When keys are rotated by themselves. */
export function KeyPolicySection() {
  const policy = useQuery(keyPolicyQuery());
  return (
    <Section title={text.title} lead={text.lead}>
      {policy.isPending ? <Skeleton lines={3} height={24} />
        : policy.isError ? <ErrorPanel error={policy.error} retry={() => void policy.refetch()} />
          : <Fields key={JSON.stringify(policy.data)} policy={policy.data} />}
      <p className="muted small">{text.leak} <Link to="/revocations">{text.toRevocations}</Link></p>
    </Section>
  );
}

function Fields({ policy }: { policy: KeyPolicy }) {
  const [isAutomatic, setAutomatic] = useState(policy.rotate_every_days !== null);
  const [every, setEvery] = useState(String(policy.rotate_every_days ?? 90));
  const [announce, setAnnounce] = useState(String(policy.announce_days));
  const { isBusy, error, attempt } = useAttempt();
  const refused = refusal('update:signing_keys');
  const whole = (typed: string) => (/^\d{1,4}$/.test(typed.trim()) ? Number(typed) : Number.NaN);
  const announceFault = whole(announce) <= 90 ? undefined : text.announceBad;
  const everyFault = !isAutomatic || (whole(every) >= 1 && whole(every) <= 365 && !(whole(announce) >= whole(every))) ? undefined : text.everyBad;
  const wanted = { rotate_every_days: isAutomatic ? whole(every) : null, announce_days: whole(announce) };
  const isChanged = wanted.rotate_every_days !== policy.rotate_every_days || wanted.announce_days !== policy.announce_days;
  const save = () => attempt(async () => {
    await updateKeyPolicy(wanted);
    toast(ui.saved);
  });
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <Switch label={text.automatic} help={policy.next_rotation === null ? text.byHand : text.next(showTime(policy.next_rotation), showAgo(policy.next_rotation))} checked={isAutomatic} disabled={refused !== undefined} onChange={setAutomatic} />
      <div className="grid" style={{ '--column': '200px' } as object}>
        {isAutomatic && <TextField label={text.every} help={text.days} inputMode="numeric" disabled={refused !== undefined} value={every} onChange={setEvery} error={everyFault} />}
        <TextField label={text.announce} help={text.announceHelp} inputMode="numeric" disabled={refused !== undefined} value={announce} onChange={setAnnounce} error={announceFault} />
      </div>
      {error !== undefined && <ErrorPanel error={error} />}
      {isChanged && <div className="row end"><Button kind="primary" type="submit" busy={isBusy} reason={refused} disabled={everyFault !== undefined || announceFault !== undefined}>{ui.save}</Button></div>}
    </form>
  );
}

// Token reuse stands beside the API's own settings, so that it is saved by itself.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { tokenReuseQuery, updateTokenReuse, type ResourceServer, type TokenReuse } from '../../api/resourceServers';
import { apiProtection as text } from '../../text/apiProtection';
import { ui } from '../../text/ui';
import { Button, ErrorPanel, Skeleton, Switch, TextField, toast } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';
import { Section } from './Section';

export function TokenReuseCard({ api, refused }: { api: ResourceServer; refused: string | undefined }) {
  const reuse = useQuery(tokenReuseQuery(api.id));
  return (
    <Section id="reuse">
      <p className="muted measure">{text.reuseLead}</p>
      {reuse.isPending ? <Skeleton lines={2} height={24} />
        : reuse.isError ? <ErrorPanel error={reuse.error} retry={() => void reuse.refetch()} />
          : <Fields key={JSON.stringify(reuse.data)} api={api} reuse={reuse.data} refused={refused} />}
    </Section>
  );
}

function Fields({ api, reuse, refused }: { api: ResourceServer; reuse: TokenReuse; refused: string | undefined }) {
  const [isEnabled, setEnabled] = useState(reuse.enabled);
  const [percent, setPercent] = useState(String(reuse.minimum_remaining_percent));
  const { isBusy, error, attempt } = useAttempt();
  const fault = /^[1-9]\d?$/.test(percent.trim()) ? undefined : text.remainingBad;
  const isChanged = isEnabled !== reuse.enabled || percent !== String(reuse.minimum_remaining_percent);
  const save = () => attempt(async () => {
    await updateTokenReuse(api.id, { enabled: isEnabled, minimum_remaining_percent: Number(percent) });
    toast(ui.saved);
  });
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <Switch label={text.reuse} checked={isEnabled} disabled={refused !== undefined} onChange={setEnabled} />
      {isEnabled && <TextField label={text.remaining} help={text.remainingHelp} inputMode="numeric" style={{ maxWidth: 120 }} disabled={refused !== undefined} value={percent} onChange={setPercent} error={fault} />}
      {error !== undefined && <ErrorPanel error={error} />}
      {isChanged && <div className="row end"><Button kind="primary" type="submit" busy={isBusy} reason={refused} disabled={fault !== undefined}>{ui.save}</Button></div>}
    </form>
  );
}

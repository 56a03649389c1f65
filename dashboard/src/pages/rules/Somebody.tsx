// Somebody real to try a rule with, found by their address or identifier.
import { useState } from 'react';
import { queryClient } from '../../api/query';
import { userQuery, usersFew } from '../../api/users';
import { quoted } from '../../lib/lucene';
import { rules } from '../../text/rules';
import { Button, ErrorPanel, TextField } from '../../ui';
import { useAttempt } from '../../ui/useAttempt';
import { userOf } from './samples';

const text = rules.test;

export function Somebody({ onFound }: { onFound: (user: Record<string, unknown>) => void }) {
  const [who, setWho] = useState('');
  const [isMissing, setMissing] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const find = () => attempt(async () => {
    const named = quoted(who.trim());
    const [found] = await queryClient.fetchQuery(usersFew(`user_id:${named} OR email:${named}`));
    setMissing(found === undefined);
    if (found !== undefined) onFound(userOf((await queryClient.fetchQuery(userQuery(found.user_id))).value));
  });
  return (
    <form className="stack tight" onSubmit={(event) => { event.preventDefault(); if (who.trim() !== '') void find(); }}>
      <TextField label={text.who} help={text.whoHelp} value={who} onChange={(who) => { setWho(who); setMissing(false); }} error={isMissing ? text.nobody : undefined} />
      <div><Button type="submit" busy={isBusy}>{text.take}</Button></div>
      {error !== undefined && <ErrorPanel error={error} />}
    </form>
  );
}

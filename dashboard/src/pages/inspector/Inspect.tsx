// A token pasted or handed over, and its report; in the drawer over any page, and on the inspector's own.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { resourceServersQuery } from '../../api/resourceServers';
import { inspector as words } from '../../text/inspector';
import { Button, EmptyState, Select, TextArea, TextField } from '../../ui';
import { ScanSearch } from '../../ui/icons';
import { decode } from './decode';
import { TokenReport } from './Report';

export default function Inspect({ token: given = '', audience: givenAudience = '', scope: givenScope = '' }: { token?: string; audience?: string; scope?: string }) {
  const [token, setToken] = useState(given);
  const [audience, setAudience] = useState(givenAudience);
  const [scope, setScope] = useState(givenScope);
  const apis = useQuery(resourceServersQuery());
  const known = (apis.data ?? []).map((api) => ({ value: api.identifier, label: `${api.name ?? api.identifier} – ${api.identifier}` }));
  const other = audience === '' || known.some(({ value }) => value === audience) ? [] : [{ value: audience, label: audience }];
  const { fault } = decode(token);
  return (
    <div className="stack">
      <TextArea
        label={words.token} help={words.privacy} mono rows={4} placeholder={words.tokenPlaceholder} value={token} onChange={setToken}
        aside={token !== '' && <Button small kind="link" onClick={() => setToken('')}>{words.clear}</Button>}
      />
      <div className="grid">
        <Select label={words.checkAgainst} value={audience} onChange={setAudience} options={[{ value: '', label: words.itsOwn }, ...other, ...known]} />
        <TextField label={words.scopes} help={words.scopesHelp} mono value={scope} onChange={setScope} />
      </div>
      {fault === 'empty' ? <EmptyState icon={ScanSearch} title={words.emptyTitle}>{words.emptyBody}</EmptyState> : <TokenReport token={token} audience={audience} scope={scope} />}
    </div>
  );
}

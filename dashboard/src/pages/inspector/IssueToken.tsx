// A test token without leaving the inspector.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { testToken } from '../../api/extras';
import { resourceServersQuery } from '../../api/resourceServers';
import { inspector as words } from '../../text/inspector';
import { ui } from '../../text/ui';
import { Button, ButtonLink, Dialog, ErrorPanel, Notice, ScopePicker, Select, Skeleton } from '../../ui';
import { granted, useAuthorized } from '../apis/authorized';

export function IssueToken({ open, onClose, onToken }: { open: boolean; onClose: () => void; onToken: (issued: { token: string; audience: string; scope: string }) => void }) {
  const apis = useQuery({ ...resourceServersQuery(), enabled: open });
  const [chosenApi, setApi] = useState('');
  const [chosenClient, setClient] = useState('');
  const [chosenScopes, setScopes] = useState<string[]>();
  // The first API of one's own is the likely one.
  const api = apis.data?.find(({ identifier }) => identifier === chosenApi) ?? apis.data?.find(({ is_system }) => is_system !== true) ?? apis.data?.[0];
  const audience = api?.identifier ?? '';
  const { list, isPending, error, retry } = useAuthorized(open ? audience : '');
  const client = list.find(({ id }) => id === chosenClient) ?? list[0];
  const may = client === undefined ? [] : granted(client.grant, api?.scopes ?? []);
  const picked = (chosenScopes ?? may).filter((scope) => may.includes(scope));
  const scope = picked.join(' ');
  const get = useMutation({
    mutationFn: () => testToken({ client_id: client!.id, audience, ...(scope !== '' && { scope }) }),
    onSuccess: (answer) => {
      onToken({ token: answer.access_token, audience, scope });
      onClose();
    },
  });
  return (
    <Dialog
      open={open} onClose={onClose} title={words.issueTitle}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={get.isPending} disabled={client === undefined} onClick={() => get.mutate()}>{words.get}</Button></>}
    >
      <p className="muted">{words.issueBody}</p>
      {apis.isPending ? <Skeleton lines={3} height={34} /> : apis.isError ? <ErrorPanel error={apis.error} retry={() => void apis.refetch()} /> : (
        <>
          <Select
            label={words.api} value={audience} onChange={(audience) => { setApi(audience); setClient(''); setScopes(undefined); get.reset(); }}
            options={apis.data.map((api) => ({ value: api.identifier, label: api.name ?? api.identifier }))}
          />
          {error !== null ? <ErrorPanel error={error} retry={retry} /> : isPending ? <Skeleton height={34} /> : client === undefined ? (
            <Notice kind="warning" action={<ButtonLink small to="/apis/$id/applications" params={{ id: api?.id ?? '' }}>{words.toAccess}</ButtonLink>}>{words.noGrants}</Notice>
          ) : (
            <>
              <Select label={words.application} value={client.id} onChange={(id) => { setClient(id); setScopes(undefined); get.reset(); }} options={list.map(({ id, name }) => ({ value: id, label: name }))} />
              {may.length > 0 && <ScopePicker scopes={(api?.scopes ?? []).filter(({ value }) => may.includes(value))} value={picked} onChange={setScopes} grouped={api?.is_system === true} />}
              {may.length > 0 && picked.length === 0 && <p className="muted small">{words.allGranted}</p>}
            </>
          )}
        </>
      )}
      {get.isError && <ErrorPanel error={get.error} />}
    </Dialog>
  );
}

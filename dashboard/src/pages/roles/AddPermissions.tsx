import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { resourceServersQuery, type ResourceServer } from '../../api/resourceServers';
import { addPermissions, type Holder, type Permitted } from '../../api/userRoles';
import { can } from '../../auth/me';
import { roles } from '../../text/roles';
import { ui } from '../../text/ui';
import { Button, ButtonLink, Dialog, EmptyState, ErrorPanel, Notice, refusal, ScopePicker, Select, Skeleton, toast } from '../../ui';
import { KeyRound } from '../../ui/icons';
import { useAttempt } from '../../ui/useAttempt';

const text = roles.permissions;

const nameOf = (api: ResourceServer) => api.name || api.identifier;

/** An API, and which of its permissions. */
export function AddPermissions({ holder, name, held, onClose }: { holder: Holder; name: string; held: Permitted[]; onClose: () => void }) {
  const read = useQuery({ ...resourceServersQuery(), enabled: can('read:resource_servers') });
  const [audience, setAudience] = useState('');
  const [picked, setPicked] = useState<string[]>([]);
  const { isBusy, error, attempt, forgetError } = useAttempt();
  // The tenant's own API last: it is the one that is seldom meant.
  const apis = read.data?.filter(({ scopes = [] }) => scopes.length > 0).toSorted((one, other) => Number(one.is_system === true) - Number(other.is_system === true) || nameOf(one).localeCompare(nameOf(other)));
  const api = apis?.find(({ identifier }) => identifier === audience);
  const isHeld = (scope: string) => held.some((one) => one.resource_server_identifier === audience && one.permission_name === scope);
  const free = (api?.scopes ?? []).filter(({ value }) => !isHeld(value));
  const choose = (identifier: string) => {
    forgetError();
    setAudience(identifier);
    setPicked([]);
  };
  const save = () => attempt(async () => {
    await addPermissions(holder, picked.map((scope) => ({ permission_name: scope, resource_server_identifier: audience })));
    toast(text.added(picked.length));
    onClose();
  });
  return (
    <Dialog
      open onClose={onClose} title={text.dialogTitle(name)} width={680} firm={picked.length > 0}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} reason={picked.length === 0 ? text.missing : undefined} onClick={() => void save()}>{text.confirm(picked.length)}</Button></>}
    >
      {refusal('read:resource_servers') !== undefined ? <Notice>{refusal('read:resource_servers')}</Notice>
        : read.isError ? <ErrorPanel error={read.error} retry={() => void read.refetch()} />
          : apis === undefined ? <Skeleton lines={3} height={34} />
            : apis.length === 0 ? <EmptyState icon={KeyRound} title={text.noApis} actions={<ButtonLink to="/apis">{text.toApis}</ButtonLink>} />
              : <Select label={text.chooseApi} value={audience} onChange={choose} options={[{ value: '', label: text.choose }, ...apis.map((api) => ({ value: api.identifier, label: `${nameOf(api)} (${api.identifier})` }))]} />}
      {api !== undefined && api.enforce_policies !== true && (
        <Notice kind="warning" action={<ButtonLink small to="/apis/$id/settings" params={{ id: api.id }}>{text.toSettings}</ButtonLink>}>{text.notEnforced}</Notice>
      )}
      {api !== undefined && (free.length === 0 ? <p className="well muted">{text.allHeld}</p>
        : <ScopePicker scopes={free} value={picked} onChange={(scopes) => { forgetError(); setPicked(scopes); }} grouped={api.is_system === true} />)}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

// Which APIs the application may call, and with which permissions.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { createGrant, deleteGrant, grantsQuery, updateGrant, type ClientGrant } from '../../api/clientGrants';
import { isConfidential, type Client } from '../../api/clients';
import { resourceServersQuery, type ResourceServer } from '../../api/resourceServers';
import { can } from '../../auth/me';
import { issuer } from '../../lib/endpoints';
import { showDuration } from '../../lib/duration';
import { application } from '../../text/application';
import { applications } from '../../text/applications';
import { ui } from '../../text/ui';
import {
  Badge, Button, Checkbox, CodeBlock, ConfirmDialog, CopyLine, EmptyState, ErrorPanel, FilterInput, Notice, RadioCards, ReadOnly, ScopePicker, Skeleton, Switch, toast, useSearchParam, wordsOf,
} from '../../ui';
import { ChevronDown, ChevronRight, Server } from '../../ui/icons';
import { useApplication } from './useApplication';
import { useIssued } from './useIssued';
import { useAttempt } from '../../ui/useAttempt';

const text = application.apis;

export default function Apis() {
  const { client } = useApplication();
  const navigate = useNavigate();
  const [q, setQ] = useSearchParam('q');
  const grants = useQuery(grantsQuery({ client_id: client.client_id }));
  const apis = useQuery(resourceServersQuery());
  const failed = grants.error ?? apis.error;
  if (failed) return <ErrorPanel error={failed} retry={() => { void grants.refetch(); void apis.refetch(); }} />;
  if (grants.data === undefined || apis.data === undefined) return <Skeleton lines={6} height={44} />;
  const grantOf = (api: ResourceServer) => grants.data.find((grant) => grant.audience === api.identifier && (grant.subject_type ?? 'client') === 'client');
  const shown = apis.data.filter((api) => `${api.name ?? ''} ${api.identifier}`.toLowerCase().includes(q.toLowerCase()));
  // What it may call comes first.
  const ordered = [...shown].sort((one, other) => Number(grantOf(other) !== undefined) - Number(grantOf(one) !== undefined));
  return (
    <div className="stack">
      <ReadOnly scope="create:client_grants" />
      {!isConfidential(client) && <Notice>{text.public}</Notice>}
      {isConfidential(client) && client.grant_types?.includes('client_credentials') === false && (
        <Notice kind="warning">{text.noGrantType} <Link to="/applications/$clientId/settings" params={{ clientId: client.client_id }} hash="grants">{text.goGrants}</Link></Notice>
      )}
      <div className="row spread">
        <h2>{text.title}</h2>
        {can('create:resource_servers') && <Button onClick={() => void navigate({ to: '/apis', search: { create: '1' } as never })}>{text.createApi}</Button>}
      </div>
      {apis.data.length > 5 && <div className="toolbar"><FilterInput value={q} onChange={setQ} label={text.filter} status={ui.rows(shown.length, apis.data.length)} /></div>}
      {shown.length === 0 && <EmptyState icon={Server} title={q === '' ? text.empty : ui.noMatch(q)} />}
      {ordered.map((api) => <Access key={api.id} client={client} api={api} grant={grantOf(api)} />)}
    </div>
  );
}

function Access({ client, api, grant }: { client: Client; api: ResourceServer; grant: ClientGrant | undefined }) {
  const [open, setOpen] = useSearchParam('api');
  const [isRemoving, setRemoving] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const issued = useIssued(client.client_id, isRemoving);
  const name = api.name ?? api.identifier;
  const isOpen = open === api.id && grant !== undefined;
  const mayChange = grant === undefined ? can('create:client_grants') : can('delete:client_grants');
  const authorize = async (scope: string[] = []) => {
    setBusy(true);
    try {
      await createGrant({ client_id: client.client_id, audience: api.identifier, scope });
      setOpen(api.id);
      toast(text.authorized(name));
    } catch (error) {
      toast(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  const remove = async () => {
    if (grant === undefined) return;
    await deleteGrant(grant.id);
    toast(text.removed(name), { undo: () => authorize(grant.scope) });
  };
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <section className="card" aria-label={name}>
      <header style={isOpen ? {} : { borderBottom: 0 }}>
        <div className="row grow nowrap">
          {grant === undefined ? <span style={{ width: 32 }} /> : (
            <button type="button" className="icon-button" aria-expanded={isOpen} aria-label={text.expand(name)} onClick={() => setOpen(isOpen ? '' : api.id)}><Chevron size={16} aria-hidden /></button>
          )}
          <div className="grow">
            <div className="row"><h3>{name}</h3>{api.is_system === true && <Badge>{applications.dialog.system}</Badge>}</div>
            <CopyLine value={api.identifier} what={text.audienceOf(name)} />
          </div>
        </div>
        <div className="row loose">
          {grant !== undefined && <span className="muted small number">{grant.allow_all_scopes === true ? text.allScopes : text.count(grant.scope?.length ?? 0, api.scopes?.length ?? 0)}</span>}
          <Switch
            label={<span><span className="sr">{name}: </span>{grant === undefined ? text.noAccess : text.hasAccess}</span>} checked={grant !== undefined} disabled={!mayChange || isBusy}
            onChange={(on) => (on ? void authorize() : setRemoving(true))}
          />
        </div>
      </header>
      {isOpen && <Grant key={grant.id} client={client} api={api} grant={grant} />}
      <ConfirmDialog open={isRemoving} onClose={() => setRemoving(false)} title={text.removeTitle(client.name, name)} confirm={text.removeButton} act={remove}>
        <p>{text.removeEffect(issued ?? 0)}</p>
        <p>{text.removeUntil(showDuration(api.token_lifetime ?? 86400))}</p>
      </ConfirmDialog>
    </section>
  );
}

function Grant({ client, api, grant }: { client: Client; api: ResourceServer; grant: ClientGrant }) {
  const [scope, setScope] = useState(grant.scope ?? []);
  const [usage, setUsage] = useState(grant.organization_usage ?? 'deny');
  const [isAny, setAny] = useState(grant.allow_any_organization === true);
  const { isBusy, error, attempt } = useAttempt();
  const name = api.name ?? api.identifier;
  const disabled = !can('update:client_grants') || grant.is_system === true;
  const isChanged = scope.join(' ') !== (grant.scope ?? []).join(' ') || usage !== (grant.organization_usage ?? 'deny') || isAny !== (grant.allow_any_organization === true);
  const save = async () => {
    await attempt(async () => {
      const organizations = usage === (grant.organization_usage ?? 'deny') && isAny === (grant.allow_any_organization === true) ? {} : { organization_usage: usage, allow_any_organization: usage === 'deny' ? null : isAny };
      await updateGrant(grant.id, { scope, ...organizations });
      toast(text.updated(name), { undo: () => updateGrant(grant.id, { scope: grant.scope ?? [] }) });
    });
  };
  const claims = { iss: issuer, sub: `${client.client_id}@clients`, aud: api.identifier, azp: client.client_id, ...(scope.length > 0 && { scope: scope.join(' ') }), gty: 'client-credentials' };
  return (
    <div className="body stack">
      <div className="muted small row" style={{ gap: 4 }}>{text.grantId} <CopyLine value={grant.id} what={text.grantIdOf(name)} /></div>
      {grant.allow_all_scopes === true ? <Notice>{text.allScopes}</Notice> : <ScopePicker label={text.expand(name)} scopes={api.scopes ?? []} value={scope} onChange={setScope} disabled={disabled} grouped={api.is_system === true} />}
      <RadioCards label={text.organizations} value={usage} onChange={setUsage} column={180} cards={(['deny', 'allow', 'require'] as const).map((value) => ({ value, title: text.organizationCards[value][0]!, help: text.organizationCards[value][1]!, disabled }))} />
      {usage !== 'deny' && <Checkbox label={text.anyOrganization} checked={isAny} onChange={setAny} disabled={disabled} />}
      <details><summary>{text.preview}</summary><div style={{ marginTop: 8 }}><CodeBlock what={text.preview} code={JSON.stringify(claims, null, 2)} /></div></details>
      {error !== undefined && <ErrorPanel error={error} />}
      {!disabled && <div className="row end"><Button kind="primary" busy={isBusy} disabled={!isChanged} onClick={() => void save()}>{text.update}</Button></div>}
    </div>
  );
}

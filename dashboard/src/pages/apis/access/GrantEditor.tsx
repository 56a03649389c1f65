import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { grantQuery, updateGrant, type ClientGrant } from '../../../api/clientGrants';
import type { Client } from '../../../api/clients';
import { tenantUrl } from '../../../api/config';
import type { Versioned } from '../../../api/http';
import type { ResourceServer } from '../../../api/resourceServers';
import { apis as words } from '../../../text/apis';
import { ui } from '../../../text/ui';
import { Button, ButtonLink, CodeBlock, CopyLine, ErrorPanel, refusal, ScopePicker, Select, Skeleton, Switch } from '../../../ui';
import { Conflict } from '../../../ui/SaveBar';
import { useForm } from '../../../ui/useForm';
import { granted } from '../authorized';
import type { Subject } from './Access';

type Of = { api: ResourceServer; client: Client; subject: Subject };

/** What an application may do at an API, read anew so that nobody else's change is overwritten. */
export function GrantEditor({ grant, ...of }: Of & { grant: ClientGrant }) {
  const read = useQuery(grantQuery(grant.id));
  if (read.isError) return <ErrorPanel error={read.error} retry={() => void read.refetch()} />;
  return read.data === undefined ? <Skeleton lines={4} height={28} /> : <Editor key={grant.id} read={read.data} {...of} />;
}

function Editor({ read, api, client, subject }: Of & { read: Versioned<ClientGrant> }) {
  const { id } = read.value;
  const queries = useQueryClient();
  const { id: at } = useParams({ from: '/apis/$id' });
  const form = useForm<ClientGrant>({
    key: `client-grants/${id}`,
    history: { kind: 'client-grants', id },
    read,
    within: `/apis/${at}`,
    path: `/api/v2/client-grants/${id}`,
    labels: words.access.fields,
    save: (patch, etag) => updateGrant(id, patch, etag),
    reload: () => queries.fetchQuery({ ...grantQuery(id), staleTime: 0 }),
  });
  const { draft } = form;
  const scopes = api.scopes ?? [];
  const isAll = draft.allow_all_scopes === true;
  const picked = granted(draft, scopes);
  const isSystem = read.value.is_system === true;
  const refused = isSystem ? words.access.systemGrant : refusal('update:client_grants');
  const setAll = (isAll: boolean) => {
    form.set('allow_all_scopes', isAll);
    form.set('scope', isAll ? [] : picked);
  };
  return (
    <div className="stack">
      <div className="row spread">
        <span className="row"><span className="muted">{words.access.grantId}</span><CopyLine value={id} what={words.access.grantId} /></span>
        {subject === 'client' && <ButtonLink small to="/apis/$id/test" params={{ id: at }} search={{ client: client.client_id } as never}>{words.access.test}</ButtonLink>}
      </div>
      <ScopePicker label={words.access.scopesOf(client.name)} scopes={scopes} value={picked} disabled={refused !== undefined || isAll} onChange={(scope) => form.set('scope', scope)} grouped={api.is_system === true} />
      {scopes.length > 0 && <Switch label={words.access.fields.allow_all_scopes} help={words.access.allHelp} checked={isAll} disabled={refused !== undefined} onChange={setAll} />}
      <div className="grid">
        <Select
          label={words.access.fields.organization_usage} help={words.access.organizationHelp} value={draft.organization_usage ?? 'deny'} disabled={refused !== undefined}
          onChange={(usage) => form.set('organization_usage', usage)} options={(['deny', 'allow', 'require'] as const).map((value) => ({ value, label: words.access.organizations[value] }))}
        />
      </div>
      {subject === 'client' && (
        <details>
          <summary>{words.access.preview}</summary>
          <CodeBlock what={words.access.preview} code={JSON.stringify(preview(api, client, picked), null, 2)} />
        </details>
      )}
      <div className="row">
        <Button kind="primary" data-save busy={form.isBusy} reason={refused ?? (form.changes.length === 0 ? words.access.nothingChanged : undefined)} onClick={() => void form.save()}>{words.access.update}</Button>
        {form.changes.length > 0 && <Button kind="quiet" onClick={form.discard}>{ui.discard}</Button>}
        <span className="muted small" role="status">{form.changes.length > 0 ? words.access.unsaved : ''}</span>
      </div>
      {form.error !== undefined && <ErrorPanel error={form.error} />}
      <Conflict form={form} />
    </div>
  );
}

/** What a token will say, without its times' real values. */
function preview(api: ResourceServer, client: Client, scopes: string[]) {
  return {
    iss: `${tenantUrl}/`,
    sub: `${client.client_id}@clients`,
    aud: api.identifier,
    iat: words.access.now,
    exp: words.access.later(api.token_lifetime ?? 0),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    gty: 'client-credentials',
    azp: client.client_id,
  };
}

// Which applications may call this API, and with which permissions: the mirror of an application's APIs.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { grantsAmong, type ClientGrant } from '../../../api/clientGrants';
import { clientsPage, clientsSearch, type Client } from '../../../api/clients';
import type { ResourceServer } from '../../../api/resourceServers';
import { containing } from '../../../lib/containing';
import { apis as words } from '../../../text/apis';
import { ui } from '../../../text/ui';
import { Button, ButtonLink, EmptyState, ErrorPanel, FilterInput, Notice, ReadOnly, Segments, Skeleton, useSearchParam } from '../../../ui';
import { AppWindow } from '../../../ui/icons';
import { useAuthorized } from '../authorized';
import { Pages } from '../../../ui/Pages';
import { useApi } from '../useApi';
import { RemoveAccess, type Removal } from './RemoveAccess';
import { Row } from './Row';

const PER_PAGE = 50;

/** In whose name an application asks: its own, or a person's. */
export type Subject = 'client' | 'user';

const isOf = (subject: Subject) => (grant: ClientGrant) => (grant.subject_type ?? 'client') === subject;

export default function Access() {
  const read = useApi();
  return read === undefined ? <Skeleton lines={8} height={40} /> : <Applications key={read.value.id} api={read.value} />;
}

function Applications({ api }: { api: ResourceServer }) {
  const policy = api.subject_type_authorization;
  const hasUsers = policy?.user?.policy === 'require_client_grant';
  const [forWhom, setForWhom] = useSearchParam('for', 'client');
  const subject: Subject = hasUsers && forWhom === 'user' ? 'user' : 'client';
  const [q, setQ] = useSearchParam('q');
  const [show, setShow] = useSearchParam('show', 'all');
  const [pageText, setPage] = useSearchParam('page', '1');
  const [open, setOpen] = useSearchParam('open');
  const [removal, setRemoval] = useState<Removal>();
  const page = Math.max(Number.parseInt(pageText, 10) || 1, 1);
  const filter = useCallback((text: string) => setQ(text), [setQ]);
  const { rows, total, isWhole, error, retry } = useRows(api, subject, q, show === 'authorized', page);
  const settings = <ButtonLink small to="/apis/$id/settings" params={{ id: api.id }}>{words.access.toSettings}</ButtonLink>;
  return (
    <div className="stack">
      <p className="muted measure">{subject === 'user' ? words.access.leadUser : words.access.lead}</p>
      <ReadOnly scope="create:client_grants" />
      {subject === 'client' && policy?.client?.policy === 'deny_all' && <Notice kind="warning" action={settings}>{words.access.closed}</Notice>}
      <div className="toolbar">
        <FilterInput value={q} onChange={filter} label={words.access.filter} status={rows !== undefined && words.access.count(rows.length, total)} delay={isWhole ? 0 : 250} />
        <Segments label={words.access.show} value={show} onChange={setShow} options={[{ value: 'all', label: words.access.showAll }, { value: 'authorized', label: words.access.showAuthorized }]} />
        {hasUsers && <Segments label={words.access.for} value={subject} onChange={setForWhom} options={[{ value: 'client', label: words.access.forOwn }, { value: 'user', label: words.access.forUsers }]} />}
      </div>
      {error !== null ? <ErrorPanel error={error} retry={retry} />
        : rows === undefined ? <Skeleton lines={6} height={44} />
          : rows.length > 0 ? (
            <ul className="rows">
              {rows.map(({ client, grant }) => (
                <Row
                  key={client.client_id} {...{ api, client, grant, subject }} isOpen={open === client.client_id}
                  onOpen={(isOpen) => setOpen(isOpen ? client.client_id : '')} onRemove={(grant) => setRemoval({ client, grant })}
                />
              ))}
            </ul>
          )
            : q.trim() !== '' ? <EmptyState icon={AppWindow} title={ui.noMatch(q)} actions={<Button onClick={() => setQ('')}>{ui.clearFilter}</Button>} />
              : show === 'authorized' ? <EmptyState icon={AppWindow} title={words.access.noneTitle} actions={<Button onClick={() => setShow('all')}>{words.access.showAll}</Button>}>{words.access.noneBody}</EmptyState>
                : <EmptyState icon={AppWindow} title={words.access.emptyTitle} actions={<ButtonLink kind="primary" to="/applications" search={{ create: '1' } as never}>{words.access.createApplication}</ButtonLink>}>{words.access.emptyBody}</EmptyState>}
      {rows !== undefined && q.trim() === '' && show !== 'authorized' && <Pages page={page} of={Math.ceil(total / PER_PAGE)} onPage={(page) => setPage(String(page))} />}
      <RemoveAccess api={api} removal={removal} onClose={() => setRemoval(undefined)} />
    </div>
  );
}

type Shown = { client: Client; grant: ClientGrant | undefined };

/** The applications to show with their grants; only those in sight are asked for. */
function useRows(api: ResourceServer, subject: Subject, q: string, isAuthorizedOnly: boolean, page: number) {
  const needle = q.trim().toLowerCase();
  const matches = ({ name, client_id }: { name: string; client_id: string }) => `${name} ${client_id}`.toLowerCase().includes(needle);
  const listed = useQuery({ ...clientsPage(page - 1, PER_PAGE), enabled: !isAuthorizedOnly, placeholderData: (before) => before });
  const total = listed.data?.total ?? 0;
  const isWhole = isAuthorizedOnly || (total <= PER_PAGE && page === 1);
  const isSearching = !isWhole && needle !== '';
  const found = useQuery({ ...clientsSearch(containing(['name', 'client_id'], q)), enabled: isSearching, placeholderData: (before) => before });
  const clients = isSearching ? found.data?.clients : listed.data?.clients.filter((client) => needle === '' || matches(client));
  const sorted = clients?.toSorted((one, other) => Number(mayAsk(other, subject)) - Number(mayAsk(one, subject)) || one.name.localeCompare(other.name));
  const among = useQuery({ ...grantsAmong(api.identifier, sorted?.map(({ client_id }) => client_id).toSorted() ?? []), enabled: !isAuthorizedOnly && (sorted?.length ?? 0) > 0, placeholderData: (before) => before });
  const authorized = useAuthorized(isAuthorizedOnly ? api.identifier : '', subject);
  if (isAuthorizedOnly) {
    const all = authorized.list.map(({ id, name, grant }): Shown => ({ client: authorized.clients.find(({ client_id }) => client_id === id) ?? { client_id: id, name }, grant }));
    const rows = all.filter(({ client }) => matches(client));
    return { rows: authorized.isPending ? undefined : rows, total: all.length, isWhole, error: authorized.error, retry: authorized.retry };
  }
  const grants = among.data?.filter(isOf(subject));
  const isReady = sorted !== undefined && (sorted.length === 0 || grants !== undefined);
  const rows = isReady ? sorted.map((client): Shown => ({ client, grant: grants?.find(({ client_id }) => client_id === client.client_id) })) : undefined;
  return {
    rows,
    total: isSearching ? (rows?.length ?? 0) : total,
    isWhole,
    error: listed.error ?? (isSearching ? found.error : null) ?? among.error,
    retry: () => void Promise.all([listed.refetch(), ...(isSearching ? [found.refetch()] : []), among.refetch()]),
  };
}

/** Whether an application can ask for tokens of this kind at all. */
export const mayAsk = (client: Client, subject: Subject): boolean =>
  subject === 'user' || client.grant_types === undefined || (client.grant_types.includes('client_credentials') && client.token_endpoint_auth_method !== 'none');

// Which applications let in the people of this connection.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { clientsPage, clientsSearch, type Client } from '../../api/clients';
import { enabledClientsQuery, type Connection } from '../../api/connections';
import { containing } from '../../lib/containing';
import { connections } from '../../text/connections';
import { ui } from '../../text/ui';
import { Button, ButtonLink, CopyLine, EmptyState, ErrorPanel, FilterInput, Notice, ReadOnly, refusal, Skeleton, ToggleRow, useSearchParam } from '../../ui';
import { AppWindow } from '../../ui/icons';
import { Pages } from '../../ui/Pages';
import { signsPeopleIn, turn } from './turn';
import { useConnection } from './useConnection';

const text = connections.applications;
const PER_PAGE = 50;

export default function Applications() {
  const { connection } = useConnection();
  const [q, setQ] = useSearchParam('q');
  const [pageText, setPage] = useSearchParam('page', '1');
  const page = Math.max(Number.parseInt(pageText, 10) || 1, 1);
  const { clients, total, isWhole, error, retry } = useClients(q, page);
  const enabled = useQuery(enabledClientsQuery(connection.id));
  const failed = error ?? enabled.error;
  return (
    <div className="stack">
      <p className="muted measure">{text.lead}</p>
      <ReadOnly scope="update:connections" />
      {connection.is_domain_connection === true && <Notice>{text.domain}</Notice>}
      {failed !== null ? <ErrorPanel error={failed} retry={() => { retry(); void enabled.refetch(); }} />
        : clients === undefined || enabled.data === undefined ? <Skeleton lines={6} height={44} />
          : total === 0 ? <EmptyState icon={AppWindow} title={text.emptyTitle} actions={<ButtonLink kind="primary" to="/applications" search={{ create: '1' } as never}>{text.createApplication}</ButtonLink>}>{text.empty}</EmptyState>
            : (
              <>
                <div className="toolbar"><FilterInput value={q} onChange={setQ} label={text.filter} status={ui.rows(clients.length, total)} delay={isWhole ? 0 : 250} /></div>
                {clients.length === 0 ? <EmptyState icon={AppWindow} title={ui.noMatch(q)} actions={<Button onClick={() => setQ('')}>{ui.clearFilter}</Button>} /> : (
                  <ul className="toggle-rows">
                    {clients.map((client) => <Row key={client.client_id} connection={connection} client={client} isOn={enabled.data.includes(client.client_id)} />)}
                  </ul>
                )}
                {q.trim() === '' && <Pages page={page} of={Math.ceil(total / PER_PAGE)} onPage={(page) => setPage(String(page))} />}
              </>
            )}
    </div>
  );
}

function Row({ connection, client, isOn }: { connection: Connection; client: Client; isOn: boolean }) {
  return (
    <ToggleRow
      name={client.name} note={signsPeopleIn(client) ? undefined : text.noPeople} on={text.on} off={text.off} checked={isOn}
      disabled={refusal('update:connections') !== undefined} onChange={(isOn) => void turn(connection, client, isOn)}
    >
      <Link to="/applications/$clientId/connections" params={{ clientId: client.client_id }} className="name anywhere">{client.name}</Link>
      <CopyLine value={client.client_id} what={text.clientIdOf(client.name)} short />
    </ToggleRow>
  );
}

/** The applications on a page, or those that a filter finds; a page that holds everything is filtered as one types. */
function useClients(q: string, page: number) {
  const needle = q.trim().toLowerCase();
  const listed = useQuery({ ...clientsPage(page - 1, PER_PAGE), placeholderData: (before) => before });
  const total = listed.data?.total ?? 0;
  const isWhole = total <= PER_PAGE && page === 1;
  const isSearching = !isWhole && needle !== '';
  const found = useQuery({ ...clientsSearch(containing(['name', 'client_id'], q)), enabled: isSearching, placeholderData: (before) => before });
  const matches = ({ name, client_id }: Client) => `${name} ${client_id}`.toLowerCase().includes(needle);
  const clients = isSearching ? found.data?.clients : listed.data?.clients.filter(matches);
  return {
    clients: clients?.toSorted((one, other) => Number(signsPeopleIn(other)) - Number(signsPeopleIn(one)) || one.name.localeCompare(other.name)),
    total, isWhole,
    error: listed.error ?? (isSearching ? found.error : null),
    retry: () => void Promise.all([listed.refetch(), ...(isSearching ? [found.refetch()] : [])]),
  };
}

// Which connections the application lets people in by: the mirror of a connection's Applications.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { connectionsOfQuery, connectionsQuery, DATABASE, type Connection } from '../../api/connections';
import { applicationConnections as text } from '../../text/applicationConnections';
import { ui } from '../../text/ui';
import { Badge, Button, ButtonLink, EmptyState, ErrorPanel, FilterInput, Notice, ReadOnly, refusal, Skeleton, ToggleRow, useSearchParam } from '../../ui';
import { Database } from '../../ui/icons';
import { Pages } from '../../ui/Pages';
import { signsPeopleIn, turn } from '../connections/turn';
import { useApplication } from './useApplication';

const PER_PAGE = 100;

export default function Connections() {
  const { client } = useApplication();
  const [q, setQ] = useSearchParam('q');
  const [pageText, setPage] = useSearchParam('page', '1');
  const page = Math.max(Number.parseInt(pageText, 10) || 1, 1);
  const listed = useQuery(connectionsQuery());
  const enabled = useQuery(connectionsOfQuery(client.client_id));
  const error = listed.error ?? enabled.error;
  if (error !== null) return <ErrorPanel error={error} retry={() => { void listed.refetch(); void enabled.refetch(); }} />;
  if (listed.data === undefined || enabled.data === undefined) return <Skeleton lines={4} height={44} />;
  const all = listed.data;
  const total = all.length;
  const needle = q.trim().toLowerCase();
  const found = all.filter(({ id, name, display_name }) => `${name} ${display_name ?? ''} ${id}`.toLowerCase().includes(needle)).toSorted((one, other) => Number(other.strategy === DATABASE) - Number(one.strategy === DATABASE) || one.name.localeCompare(other.name));
  const pages = Math.ceil(found.length / PER_PAGE);
  const place = Math.min(page, Math.max(pages, 1));
  const shown = found.slice((place - 1) * PER_PAGE, place * PER_PAGE);
  const isOn = (connection: Connection) => connection.is_domain_connection === true || enabled.data.includes(connection.id);
  const toConnections = <ButtonLink to="/connections">{text.toConnections}</ButtonLink>;
  if (total === 0) return <EmptyState icon={Database} title={text.emptyTitle} actions={toConnections}>{text.empty}</EmptyState>;
  return (
    <div className="stack">
      <p className="muted measure">{text.lead}</p>
      <ReadOnly scope="update:connections" />
      {!signsPeopleIn(client) && <Notice>{text.machine} <Link to="/applications/$clientId/settings" params={{ clientId: client.client_id }} hash="grants">{text.toGrants}</Link></Notice>}
      {signsPeopleIn(client) && !all.some(isOn) && <Notice kind="warning" live>{text.nobody}</Notice>}
      {total > 5 && <div className="toolbar"><FilterInput value={q} onChange={setQ} label={text.filter} status={ui.rows(found.length, total)} /></div>}
      {shown.length === 0 ? <EmptyState icon={Database} title={ui.noMatch(q)} actions={<Button onClick={() => setQ('')}>{ui.clearFilter}</Button>} /> : (
        <ul className="toggle-rows">
          {shown.map((connection) => (
            <ToggleRow
              key={connection.id} name={connection.name} note={<Note of={connection} />} on={text.on} off={text.off} checked={isOn(connection)}
              disabled={connection.is_domain_connection === true || refusal('update:connections') !== undefined} onChange={(isOn) => void turn(connection, client, isOn)}
            >
              {connection.strategy === DATABASE ? <Link to="/connections/$id/settings" params={{ id: connection.id }} className="name anywhere">{connection.name}</Link> : <span className="strong anywhere">{connection.name}</span>}
              <span className="muted small">{text.strategies[connection.strategy] ?? connection.strategy}{connection.display_name !== undefined && ` · ${connection.display_name}`}</span>
            </ToggleRow>
          ))}
        </ul>
      )}
      <Pages page={place} of={pages} onPage={(page) => setPage(String(page))} />
    </div>
  );
}

function Note({ of: { strategy, is_domain_connection: isDomain } }: { of: Connection }) {
  if (strategy !== DATABASE) return <>{text.notServed}</>;
  return isDomain === true ? <Badge>{text.domain}</Badge> : null;
}

import { useQuery } from '@tanstack/react-query';
import { encryptionKeysQuery, type EncryptionKey } from '../../../api/keys';
import { showAgo, showTime } from '../../../lib/time';
import { tenant } from '../../../text/tenant';
import { CopyLine, DataTable, ErrorPanel, LiveDot, Nothing, Section, Skeleton, type Column } from '../../../ui';

const text = tenant.keys;

const COLUMNS: Column<EncryptionKey>[] = [
  { key: 'type', header: text.type, cell: (key) => <div><div className="strong">{text.types[key.type] ?? key.type}</div><CopyLine value={key.kid} what={`${text.kid} ${text.types[key.type] ?? key.type}`} short /></div> },
  { key: 'state', header: text.state, cell: (key) => <LiveDot state={key.state === 'active' ? 'on' : 'off'}>{text.states[key.state] ?? key.state}</LiveDot> },
  { key: 'parent', header: text.parent, cell: (key) => (key.parent_kid === null ? <Nothing /> : <code title={key.parent_kid}>{key.parent_kid.slice(0, 8)}…</code>) },
  { key: 'created', header: text.created, cell: (key) => <time className="nobreak" dateTime={key.created_at} title={showTime(key.created_at)}>{showAgo(key.created_at)}</time> },
];

/** The keys that seal what is stored, to look at. */
export function EncryptionKeys() {
  const keys = useQuery(encryptionKeysQuery());
  return (
    <Section title={text.encryptionTitle} lead={text.encryptionLead}>
      {keys.isPending ? <Skeleton lines={3} /> : keys.isError ? <ErrorPanel error={keys.error} retry={() => void keys.refetch()} />
        : <DataTable label={text.encryptionTitle} columns={COLUMNS} rows={keys.data} rowKey={(key) => key.kid} />}
    </Section>
  );
}

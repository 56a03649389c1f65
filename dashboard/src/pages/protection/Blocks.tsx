import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { blocksQuery, unblock, type Block } from '../../api/protection';
import { clientsAmong } from '../../api/clients';
import { can } from '../../auth/me';
import { showAgo, showTime } from '../../lib/time';
import { protection as text } from '../../text/protection';
import { Button, ButtonLink, DataTable, ErrorPanel, Skeleton, toast, wordsOf, type Column } from '../../ui';
import { ScrollText } from '../../ui/icons';

/** Whom the protections keep out at the moment. */
export function Blocks() {
  const blocks = useQuery({ ...blocksQuery(), enabled: can('read:anomaly_blocks') });
  const [lifting, setLifting] = useState<string>();
  const ids = [...new Set((blocks.data ?? []).flatMap(({ subject }) => subject.client_id ?? []))];
  const clients = useQuery({ ...clientsAmong(ids), enabled: ids.length > 0 && can('read:clients') });
  const nameOf = (id: string) => clients.data?.find(({ client_id }) => client_id === id)?.name ?? id;
  const wordsFor = ({ subject, kind }: Block) =>
    [subject.client_id && nameOf(subject.client_id), subject.identifier, subject.network].filter(Boolean).join(', ') || text.kinds[kind] || kind;
  const lift = async (block: Block) => {
    setLifting(block.id);
    try {
      await unblock(block.id);
      toast(text.unblocked(wordsFor(block)));
    } catch (error) {
      toast(wordsOf(error));
    } finally {
      setLifting(undefined);
    }
  };
  const time = (at: string) => <time dateTime={at} title={showTime(at)}>{showAgo(at)}</time>;
  const columns: Column<Block>[] = [
    { key: 'kind', header: text.columns.kind, cell: ({ kind }) => text.kinds[kind] ?? kind },
    {
      key: 'subject', header: text.columns.subject,
      cell: ({ subject }) => (
        <span className="anywhere">
          {subject.client_id !== undefined && <Link to="/applications/$clientId/credentials" params={{ clientId: subject.client_id }}>{nameOf(subject.client_id)}</Link>}
          {subject.identifier !== undefined && <code>{subject.identifier}</code>}
          {subject.network !== undefined && <>{(subject.client_id ?? subject.identifier) !== undefined && <span className="muted"> {text.from} </span>}<code>{subject.network}</code></>}
        </span>
      ),
    },
    { key: 'attempts', header: text.columns.attempts, end: true, sort: ({ attempts }) => attempts, cell: ({ attempts }) => attempts.toLocaleString('en-GB') },
    { key: 'since', header: text.columns.since, sort: ({ since }) => since, cell: ({ since }) => time(since) },
    { key: 'until', header: text.columns.until, sort: ({ until }) => until, cell: ({ until }) => time(until) },
    ...(can('delete:anomaly_blocks') ? [{
      key: 'actions', header: text.columns.actions, end: true,
      cell: (block: Block) => <Button small busy={lifting === block.id} aria-label={text.unblockOf(wordsFor(block))} onClick={() => void lift(block)}>{text.unblock}</Button>,
    }] : []),
  ];
  return (
    <section className="card" aria-labelledby="blocks">
      <header>
        <h2 id="blocks">{text.blocks}</h2>
        <ButtonLink small kind="quiet" icon={ScrollText} to="/logs" search={{ q: 'type:(limit_wc OR limit_mu)' } as never}>{text.toLogs}</ButtonLink>
      </header>
      <div className="body stack">
        {blocks.isPending ? <Skeleton lines={2} height={24} />
          : blocks.isError ? <ErrorPanel error={blocks.error} retry={() => void blocks.refetch()} />
            : blocks.data.length === 0 ? <p className="muted">{text.blocksEmpty}</p>
              : <><p className="muted small">{text.blocksLead}</p><DataTable label={text.blocks} columns={columns} rows={blocks.data} rowKey={({ id }) => id} /></>}
      </div>
    </section>
  );
}

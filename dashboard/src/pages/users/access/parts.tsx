import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { can } from '../../../auth/me';
import { showAgo, showTime } from '../../../lib/time';
import { user as words } from '../../../text/user';
import { Button, ConfirmDialog, DataTable, ErrorPanel, Skeleton, toast, type Column } from '../../../ui';

const text = words.access;

/** A time, as long ago; a word in its place where there is none. */
export const At = ({ at, otherwise = text.never }: { at: string | null | undefined; otherwise?: string }) =>
  at === null || at === undefined ? <span className="muted">{otherwise}</span> : <time className="nobreak" dateTime={at} title={showTime(at)}>{showAgo(at)}</time>;

/** An application by name, with the way to it for those who may go there. */
export const App = ({ id, name }: { id: string; name: string }) =>
  can('read:clients') ? <Link className="anywhere" to="/applications/$clientId/settings" params={{ clientId: id }}>{name}</Link> : <span className="anywhere">{name}</span>;

export type Ending<T> = {
  /** The verb on the button. */
  verb: string;
  scopes: string[];
  name: (row: T) => string;
  title: (name: string) => string;
  effect: string;
  end: (row: T) => Promise<void>;
  done: (name: string) => string;
};

/** Rows of one kind, each of which can be ended after a question; in their place, what they are when there are none. */
export function Endable<T extends { id: string }>({ label, read, rows, columns, empty, ending, all, note }: {
  label: string;
  read: UseQueryResult<unknown>;
  rows: T[] | undefined;
  columns: Column<T>[];
  empty: string;
  ending: Ending<T>;
  /** What ends all of them at once. */
  all?: ReactNode;
  note?: string | undefined;
}) {
  const [asked, setAsked] = useState<T>();
  if (read.isError) return <ErrorPanel error={read.error} retry={() => void read.refetch()} />;
  if (rows === undefined) return <Skeleton lines={2} height={32} />;
  if (rows.length === 0) return <p className="muted">{empty}</p>;
  const end: Column<T>[] = ending.scopes.some(can)
    ? [{ key: 'actions', header: text.actions, end: true, cell: (row) => <Button small aria-label={text.actOn(ending.verb, ending.name(row))} onClick={() => setAsked(row)}>{ending.verb}</Button> }]
    : [];
  return (
    <>
      <DataTable label={label} columns={[...columns, ...end]} rows={rows} rowKey={({ id }) => id} sortParam={`sort-${label}`} />
      {note !== undefined && <p className="muted small">{note}</p>}
      {all !== undefined && <div className="row">{all}</div>}
      {asked !== undefined && (
        <ConfirmDialog
          open onClose={() => setAsked(undefined)} title={ending.title(ending.name(asked))} confirm={ending.verb}
          act={async () => { await ending.end(asked); toast(ending.done(ending.name(asked))); }}
        >
          <p>{ending.effect}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

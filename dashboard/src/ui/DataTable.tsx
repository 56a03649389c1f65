import { useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { ui } from '../text/ui';
import { classes } from './classes';
import { ArrowDown, ArrowUp, ChevronsUpDown } from './icons';
import { useSearchParam } from './search';

export type Column<T> = {
  key: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** What the column is sorted by; without it, it cannot be. */
  sort?: (row: T) => string | number;
  end?: boolean;
  /** The column of the row's menu: its header is for screen readers only. */
  actions?: boolean;
  width?: number | string;
};

/**
 * A table. Sorting stands in the address as `sort` (`name`, `-name`). `↑` and `↓` walk through the rows. With `virtual`
 * only the rows in sight are drawn, in a region of that height; all must then be `rowHeight` high.
 */
export function DataTable<T>({ label, columns, rows, rowKey, initialSort = '', virtual, onOpen, selected, sortParam = 'sort' }: {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  initialSort?: string;
  virtual?: { rowHeight: number; height: number | string };
  /** A click anywhere on the row does this; the row's link must do the same. */
  onOpen?: (row: T) => void;
  selected?: string;
  sortParam?: string;
}) {
  const [sort, setSort] = useSearchParam(sortParam, initialSort);
  const sorted = useMemo(() => sortRows(rows, columns, sort), [rows, columns, sort]);
  const body = useRef<HTMLTableSectionElement>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 800 });
  const first = virtual === undefined ? 0 : Math.max(Math.floor(scroll.top / virtual.rowHeight) - 8, 0);
  const last = virtual === undefined ? sorted.length : Math.min(Math.ceil((scroll.top + scroll.height) / virtual.rowHeight) + 8, sorted.length);
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = (event.target as HTMLElement).closest('tr');
    if (step === undefined || row === null || !(event.target as HTMLElement).matches('a, button')) return;
    const next = step === 1 ? row.nextElementSibling : row.previousElementSibling;
    const target = next?.querySelector<HTMLElement>('a, button');
    if (target === null || target === undefined) return;
    event.preventDefault();
    target.focus();
  };
  return (
    <div
      className={classes('scroll-x', virtual !== undefined && 'virtual')} role="region" aria-label={ui.resultsRegion(label)} tabIndex={0}
      {...(virtual !== undefined && {
        style: { maxHeight: virtual.height },
        onScroll: (event) => setScroll({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight }),
      })}
    >
      <table className={virtual === undefined ? 'cards' : ''} aria-label={label} {...(virtual !== undefined && { 'aria-rowcount': sorted.length + 1 })}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={column.end === true ? 'end' : ''} style={{ width: column.width }} {...(column.sort !== undefined && { 'aria-sort': direction(sort, column.key) })}>
                {column.actions === true ? <span className="sr">{column.header}</span>
                  : column.sort === undefined ? column.header
                    : <SortButton column={column.key} header={column.header} sort={sort} onSort={setSort} />}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={walk}>
          {first > 0 && <tr aria-hidden style={{ height: first * virtual!.rowHeight }}><td colSpan={columns.length} style={{ padding: 0, border: 0 }} /></tr>}
          {sorted.slice(first, last).map((row, index) => (
            <tr
              key={rowKey(row)}
              {...(virtual !== undefined && { 'aria-rowindex': first + index + 2, style: { height: virtual.rowHeight } })}
              {...(selected !== undefined && { 'aria-selected': rowKey(row) === selected })}
              {...(onOpen !== undefined && {
                'data-open': true,
                onClick: (event) => {
                  if (!(event.target as HTMLElement).closest('a, button, input, label, [role=menu]') && getSelection()?.isCollapsed !== false) onOpen(row);
                },
              })}
            >
              {columns.map((column) => (
                <td key={column.key} data-label={column.header} className={classes(column.end === true && 'end number', column.actions === true && 'actions')}>{column.cell(row)}</td>
              ))}
            </tr>
          ))}
          {last < sorted.length && <tr aria-hidden style={{ height: (sorted.length - last) * virtual!.rowHeight }}><td colSpan={columns.length} style={{ padding: 0, border: 0 }} /></tr>}
        </tbody>
      </table>
    </div>
  );
}

function SortButton({ column, header, sort, onSort }: { column: string; header: string; sort: string; onSort: (sort: string) => void }) {
  const now = direction(sort, column);
  const Icon = now === 'ascending' ? ArrowUp : now === 'descending' ? ArrowDown : ChevronsUpDown;
  return (
    <button type="button" className="sort" title={ui.sortBy(header)} onClick={() => onSort(now === 'ascending' ? `-${column}` : column)}>
      {header}<Icon className="icon" size={13} aria-hidden />
    </button>
  );
}

const direction = (sort: string, column: string) => (sort === column ? 'ascending' : sort === `-${column}` ? 'descending' : 'none');

function sortRows<T>(rows: T[], columns: Column<T>[], sort: string): T[] {
  const column = columns.find((column) => column.key === sort.replace(/^-/, ''));
  if (column?.sort === undefined) return rows;
  const sign = sort.startsWith('-') ? -1 : 1;
  const by = column.sort;
  const compare = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare;
  return [...rows].sort((one, other) => {
    const [a, b] = [by(one), by(other)];
    return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b)));
  });
}

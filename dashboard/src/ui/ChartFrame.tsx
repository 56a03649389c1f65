import { useId, useState, type ReactNode } from 'react';
import { ui } from '../text/ui';
import { Button } from './Button';
import { csvOf, download } from './download';

export type ChartTable = { head: string[]; rows: (string | number)[][] };

/** What every chart has around it: its name, a summary to be read, the same numbers as a table and as CSV. */
export function ChartFrame({ label, summary, table, csv = table, actions, legend, children }: {
  label: string;
  summary: string;
  /** Asked for only when it is wanted. */
  table: () => ChartTable;
  /** Where it differs from the table, such as in how times are written. */
  csv?: () => ChartTable;
  actions?: ReactNode;
  legend?: ReactNode;
  children: ReactNode;
}) {
  const [isTable, setTable] = useState(false);
  const id = useId();
  const save = () => {
    const { head, rows } = csv();
    download(`${label}.csv`, csvOf([head, ...rows]), 'text/csv');
  };
  return (
    <figure className="chart stack tight" aria-labelledby={`${id}t`}>
      <figcaption className="row spread">
        <h2 id={`${id}t`}>{label}</h2>
        <div className="row">
          {actions}
          <Button small kind="quiet" aria-describedby={`${id}t`} onClick={() => setTable(!isTable)}>{isTable ? ui.showChart : ui.showTable}</Button>
          <Button small kind="quiet" aria-describedby={`${id}t`} onClick={save}>{ui.csv}</Button>
        </div>
      </figcaption>
      <p className="sr">{summary}</p>
      {isTable ? <Numbers label={label} {...table()} /> : children}
      {!isTable && legend}
    </figure>
  );
}

function Numbers({ label, head, rows }: ChartTable & { label: string }) {
  return (
    <div className="scroll-x virtual" role="region" aria-label={label} tabIndex={0} style={{ maxHeight: 320 }}>
      <table className="plain">
        <thead><tr>{head.map((name, column) => <th key={name} scope="col" className={column === 0 ? '' : 'end'}>{name}</th>)}</tr></thead>
        <tbody>
          {rows.map((row, place) => (
            <tr key={place}>{row.map((value, column) => <td key={column} className={column === 0 ? '' : 'end number'}>{value}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

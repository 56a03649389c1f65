import { useRef, useState } from 'react';
import { showNumber } from '../../lib/time';
import { logs as text } from '../../text/logs';
import { Button, Menu, MenuItem, toast, wordsOf } from '../../ui';
import { download } from '../../ui/download';
import { Download } from '../../ui/icons';
import { asCsv, asLines, readAll } from './exports';
import type { LogFilter } from './filter';

/** Writes what is filtered to a file, and tells how far it is. */
export function Export({ filter }: { filter: LogFilter }) {
  const [count, setCount] = useState<number>();
  const stop = useRef<AbortController>(undefined);
  const write = async (form: 'jsonl' | 'csv') => {
    stop.current = new AbortController();
    setCount(0);
    try {
      const { events, isCut } = await readAll(filter.query, filter.from, filter.to, stop.current.signal, setCount);
      const name = `log-${new Date().toISOString().slice(0, 16).replace(/[-:]/g, '')}.${form}`;
      if (form === 'csv') download(name, asCsv(events), 'text/csv');
      else download(name, asLines(events), 'application/x-ndjson');
      toast(isCut ? text.exportCut(showNumber(events.length)) : text.exported(showNumber(events.length)));
    } catch (error) {
      if (!stop.current.signal.aborted) toast(wordsOf(error));
    } finally {
      setCount(undefined);
    }
  };
  if (count !== undefined) {
    return (
      <span className="row nowrap">
        <span className="small muted number" role="status">{text.exporting(showNumber(count))}</span>
        <Button small onClick={() => stop.current?.abort()}>{text.exportStop}</Button>
      </span>
    );
  }
  return (
    <Menu trigger={<Button icon={Download}>{text.export}</Button>}>
      <MenuItem onSelect={() => void write('jsonl')}>{text.exportLines}</MenuItem>
      <MenuItem onSelect={() => void write('csv')}>{text.exportCsv}</MenuItem>
    </Menu>
  );
}

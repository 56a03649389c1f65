import { useId, useRef, useState, type ReactNode } from 'react';
import { ui } from '../text/ui';
import { Button, IconButton } from './Button';
import { FieldError } from './fields';
import { Plus, X } from './icons';

type Pair = [key: string, value: string];
type Limits = { pairs?: number; length?: number };

const toObject = (pairs: Pair[]) => Object.fromEntries(pairs.filter(([key, value]) => key !== '' || value !== ''));

/** What keeps the pairs from being saved, for the form's check. */
export function pairsFault(value: Record<string, string> | undefined, limits: Limits = {}): string | undefined {
  const most = limits.length ?? 255;
  const pairs = Object.entries(value ?? {});
  if (pairs.some(([key]) => key === '')) return ui.keyMissing;
  return pairs.some((pair) => pair.some((part) => [...part].length > most)) ? ui.tooLong(most) : undefined;
}

/** Keys and texts, edited in place. */
export function KeyValueField({ label, help, value, onChange, limits = {}, disabled }: {
  label: string;
  help?: ReactNode;
  value: Record<string, string>;
  onChange: (value: Record<string, string>) => void;
  limits?: Limits;
  disabled?: boolean | undefined;
}) {
  const id = useId();
  const { pairs: most = 10, length = 255 } = limits;
  const list = useRef<HTMLDivElement>(null);
  // Rows that are empty or named twice cannot stand in the object, but must not vanish while they are typed.
  const [typed, setTyped] = useState<Pair[]>();
  const isOwn = typed !== undefined && JSON.stringify(toObject(typed)) === JSON.stringify(value);
  const pairs = isOwn ? typed : Object.entries(value);
  const change = (pairs: Pair[]) => {
    setTyped(pairs);
    onChange(toObject(pairs));
  };
  const put = (row: number, ...pair: Pair[]) => change([...pairs.slice(0, row), ...pair, ...pairs.slice(row + 1)]);
  const fault = ([key, value]: Pair, row: number) =>
    pairs.slice(0, row).some(([other]) => other === key && key !== '') ? ui.keyTwice
      : key === '' && value !== '' ? ui.keyMissing
        : [...key].length > length || [...value].length > length ? ui.tooLong(length) : undefined;
  return (
    <fieldset className="field" {...(help !== undefined && { 'aria-describedby': `${id}h` })}>
      <legend className="label" style={{ marginBottom: 4 }}>{label}</legend>
      {help !== undefined && <div className="help" id={`${id}h`} style={{ marginBottom: 4 }}>{help}</div>}
      <div className="stack tight" ref={list}>
        {pairs.map((pair, row) => {
          const error = fault(pair, row);
          const tie = error === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': `${id}${row}` };
          return (
            <div key={row} className="field">
              <div className="input-row">
                <input className="input mono" aria-label={ui.pairKey(row + 1)} placeholder={ui.key} value={pair[0]} disabled={disabled} {...tie} onChange={(event) => put(row, [event.target.value, pair[1]])} />
                <input className="input mono" aria-label={ui.pairValue(row + 1)} placeholder={ui.value} value={pair[1]} disabled={disabled} {...tie} onChange={(event) => put(row, [pair[0], event.target.value])} />
                <IconButton icon={X} label={ui.removePair(pair[0])} disabled={disabled} onClick={() => put(row)} />
              </div>
              {error !== undefined && <FieldError id={`${id}${row}`}>{error}</FieldError>}
            </div>
          );
        })}
        <div className="row">
          <Button
            small icon={Plus} disabled={disabled} reason={pairs.length >= most ? ui.pairsFull(most) : undefined}
            onClick={() => {
              change([...pairs, ['', '']]);
              requestAnimationFrame(() => list.current?.querySelectorAll<HTMLInputElement>('.field')[pairs.length]?.querySelector('input')?.focus());
            }}
          >
            {ui.addPair}
          </Button>
          <span className="muted small" role="status">{pairs.length >= most ? ui.pairsFull(most) : ui.pairsLeft(most - pairs.length)}</span>
        </div>
      </div>
    </fieldset>
  );
}

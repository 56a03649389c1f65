import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ui } from '../text/ui';
import { IconButton } from './Button';
import { Search, X } from './icons';

/** Filters a list; `status` says how many are left. `/` jumps here. */
export function FilterInput({ value, onChange, label = ui.filter, placeholder, status, delay = 0 }: {
  value: string;
  onChange: (value: string) => void;
  label?: string;
  placeholder?: string;
  status?: ReactNode;
  /** Milliseconds of rest before a change is told. */
  delay?: number;
}) {
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  // Somebody else changed the value, such as the back button.
  useEffect(() => {
    if (value !== told.current) setTyped(value);
    told.current = value;
  }, [value]);
  useEffect(() => {
    if (typed === told.current) return;
    const tell = () => {
      told.current = typed;
      onChange(typed);
    };
    if (delay === 0) return tell();
    const timer = setTimeout(tell, delay);
    return () => clearTimeout(timer);
  }, [typed, delay, onChange]);
  return (
    <>
      <div className="filter" role="search">
        <Search className="icon" size={16} aria-hidden />
        <input className="input" data-filter type="text" aria-label={label} placeholder={placeholder ?? label} autoComplete="off" spellCheck={false} value={typed} onChange={(event) => setTyped(event.target.value)} />
        {typed !== '' && <IconButton icon={X} small label={ui.clearFilter} onClick={() => setTyped('')} />}
      </div>
      {status !== undefined && <span className="muted number small" role="status">{status}</span>}
    </>
  );
}

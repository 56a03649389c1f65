import type { ReactNode } from 'react';
import { Switch } from './fields';
import './toggle.css';

/** One line of a list of things that are on or off; `name` is what the switch is about. */
export function ToggleRow({ name, children, note, on, off, checked, disabled, onChange }: {
  name: string;
  /** What is shown of it. */
  children: ReactNode;
  note?: ReactNode;
  /** What the switch says. */
  on: string;
  off: string;
  checked: boolean;
  disabled: boolean;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <li className="toggle-row">
      <div className="what">{children}</div>
      <span className="note muted small">{note}</span>
      <Switch label={<>{checked ? on : off}<span className="sr">: {name}</span></>} checked={checked} disabled={disabled} onChange={onChange} />
    </li>
  );
}

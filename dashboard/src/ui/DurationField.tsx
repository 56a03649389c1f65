import { useState } from 'react';
import { joinDuration, showDuration, splitDuration, UNIT_SECONDS, type Unit } from '../lib/duration';
import { ui } from '../text/ui';
import { Field, type FieldProps } from './fields';

/** What keeps a duration from being saved, for the form's check. */
export function durationFault(seconds: number | undefined, limits: { least?: number; most?: number } = {}): string | undefined {
  if (seconds === undefined || Number.isNaN(seconds)) return ui.durationInvalid;
  if (limits.most !== undefined && seconds > limits.most) return ui.durationMost(showDuration(limits.most));
  if (seconds < (limits.least ?? 1)) return limits.least === undefined ? ui.durationInvalid : ui.durationLeast(showDuration(limits.least));
  return undefined;
}

/** A number and a unit; kept as seconds, which are shown. What is no number comes out as NaN. */
export function DurationField({ value, onChange, disabled, name, ...field }: FieldProps & {
  /** The label as text, where it is more than that. */
  name?: string;
  value: number | undefined;
  onChange: (seconds: number) => void;
  disabled?: boolean | undefined;
}) {
  const shown = splitDuration(value ?? 0);
  const [typed, setTyped] = useState<{ amount: string; unit: Unit } | undefined>();
  // What was typed is kept as it was typed, as long as it still means the value.
  const isOwn = typed !== undefined && Object.is(joinDuration(typed.amount, typed.unit) ?? Number.NaN, value);
  const current = isOwn ? typed : { amount: value === undefined || Number.isNaN(value) ? '' : String(shown.amount), unit: shown.unit };
  const change = (amount: string, unit: Unit) => {
    setTyped({ amount, unit });
    onChange(joinDuration(amount, unit) ?? Number.NaN);
  };
  return (
    <Field {...field}>
      {(tie) => (
        <div className="row">
          <input {...tie} className="input narrow" inputMode="numeric" autoComplete="off" disabled={disabled} value={current.amount} onChange={(event) => change(event.target.value, current.unit)} />
          <select className="input narrow" aria-label={`${ui.unit}, ${name ?? String(field.label)}`} disabled={disabled} value={current.unit} onChange={(event) => change(current.amount, event.target.value as Unit)}>
            {(Object.keys(UNIT_SECONDS) as Unit[]).map((unit) => <option key={unit} value={unit}>{ui.durationUnits[unit]}</option>)}
          </select>
          {value !== undefined && !Number.isNaN(value) && <span className="muted small nobreak number">{ui.durationSeconds(value.toLocaleString('en-GB'))}</span>}
        </div>
      )}
    </Field>
  );
}

import { useId, useState } from 'react';
import { fromLocalInput, toLocalInput } from '../../../lib/range';
import { showTime } from '../../../lib/time';
import { credentials as text } from '../../../text/credentials';
import { Select } from '../../../ui';

/** A time to come: nothing, one of a few spans from now, or a date. What is no date comes out as `undefined`. */
export function MomentField({ label, none, days, value, onChange }: {
  label: string;
  /** What no time at all means: "Never". */
  none: string;
  days: number[];
  value: string | null | undefined;
  onChange: (value: string | null | undefined) => void;
}) {
  const id = useId();
  const [choice, setChoice] = useState(value === null ? 'none' : 'date');
  const choose = (choice: string) => {
    setChoice(choice);
    if (choice === 'none') onChange(null);
    else if (choice !== 'date') onChange(new Date(Date.now() + Number(choice) * 86_400_000).toISOString());
  };
  return (
    <div className="stack tight">
      <Select
        label={label} value={choice} onChange={choose} help={value ? showTime(value) : undefined}
        options={[{ value: 'none', label: none }, ...days.map((days) => ({ value: String(days), label: text.inDays(days) })), { value: 'date', label: text.onDate }]}
      />
      {choice === 'date' && (
        <>
          <input
            className="input" type="datetime-local" aria-label={text.date(label)} value={value ? toLocalInput(new Date(value)) : ''}
            {...(value === undefined && { 'aria-invalid': true, 'aria-describedby': `${id}e` })}
            onChange={(event) => onChange(fromLocalInput(event.target.value)?.toISOString())}
          />
          {value === undefined && <div className="error-text" id={`${id}e`}>{text.dateBad}</div>}
        </>
      )}
    </div>
  );
}

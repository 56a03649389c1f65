import { useState } from 'react';
import { TextField } from './fields';

/** A number with so many decimals at most; what is none comes out as NaN, which the form's check finds. */
export function NumberField({ value, onChange, decimals = 0, ...field }: { label: string; help?: string; error?: string | undefined; required?: boolean; disabled?: boolean; value: number | undefined; onChange: (value: number) => void; decimals?: number }) {
  const [typed, setTyped] = useState('');
  const known = value === undefined || Number.isNaN(value) ? '' : String(value);
  // What was typed stands while it means the value: "0." may be on its way to 0.5.
  const shown = typed !== '' && Object.is(numberOf(typed, decimals), value) ? typed : known;
  return (
    <TextField
      {...field} inputMode={decimals === 0 ? 'numeric' : 'decimal'} style={{ maxWidth: 120 }} value={shown}
      onChange={(typed) => {
        setTyped(typed);
        onChange(numberOf(typed, decimals));
      }}
    />
  );
}

function numberOf(typed: string, decimals: number): number {
  const part = decimals > 0 ? `(\\.\\d{0,${decimals}})?` : '';
  return new RegExp(`^\\d{1,6}${part}$`).test(typed.trim()) ? Number(typed) : Number.NaN;
}

import { TextField } from './fields';

/** A whole number; what is none comes out as NaN, which the form's check finds. */
export function NumberField({ value, onChange, ...field }: { label: string; help?: string; error?: string | undefined; required?: boolean; disabled?: boolean; value: number | undefined; onChange: (value: number) => void }) {
  return (
    <TextField
      {...field} inputMode="numeric" style={{ maxWidth: 120 }}
      value={value === undefined || Number.isNaN(value) ? '' : String(value)} onChange={(typed) => onChange(/^\d{1,6}$/.test(typed.trim()) ? Number(typed) : Number.NaN)}
    />
  );
}

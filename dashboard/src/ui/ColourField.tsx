import { plainOf } from '../lib/contrast';
import { Field } from './fields';
import { TriangleAlert } from './icons';

/** A colour, typed or chosen; `warning` stands beside it and keeps nobody from saving. */
export function ColourField({ label, help, value, onChange, placeholder, error, warning, disabled }: {
  label: string;
  help?: string | undefined;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  error?: string | undefined;
  warning?: string | undefined;
  disabled?: boolean | undefined;
}) {
  return (
    <Field label={label} help={help} error={error} under={warning !== undefined && <div className="warn colour-warning" role="status"><TriangleAlert className="icon" size={14} aria-hidden /> {warning}</div>}>
      {(tie) => (
        <div className="colour">
          <input type="color" aria-label={`${label}: choose`} value={plainOf(value) ?? plainOf(placeholder ?? '') ?? '#ffffff'} disabled={disabled} onChange={(event) => onChange(event.target.value)} />
          <input {...tie} className="input mono" value={value} placeholder={placeholder} maxLength={9} spellCheck={false} autoComplete="off" disabled={disabled} onChange={(event) => onChange(event.target.value.trim())} />
        </div>
      )}
    </Field>
  );
}

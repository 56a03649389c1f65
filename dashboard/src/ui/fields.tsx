// The plain form controls. Each has a label, help, and its error tied to it.
import { useId, type InputHTMLAttributes, type ReactNode, type Ref, type TextareaHTMLAttributes } from 'react';
import { ui } from '../text/ui';
import { classes } from './classes';
import { CircleAlert, type LucideIcon } from './icons';

export type FieldProps = {
  label: ReactNode;
  help?: ReactNode | undefined;
  error?: string | undefined;
  required?: boolean | undefined;
  /** Shown beside the label, such as a copy button. */
  aside?: ReactNode | undefined;
};

/** Label, control, help and error in their order; `children` gets what ties the control to them. */
export function Field({ label, help, error, required, aside, under, children }: FieldProps & {
  under?: ReactNode;
  children: (tie: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true; 'aria-required'?: true }) => ReactNode;
}) {
  const id = useId();
  const described = classes(error !== undefined && `${id}e`, help !== undefined && `${id}h`);
  return (
    <div className="field">
      <div className="label">
        <label htmlFor={id}>{label}</label>
        {required === true && <span className="star" aria-hidden>*</span>}
        {aside}
      </div>
      {children({
        id,
        ...(described !== '' && { 'aria-describedby': described }),
        ...(error !== undefined && { 'aria-invalid': true as const }),
        ...(required === true && { 'aria-required': true as const }),
      })}
      {error !== undefined && <FieldError id={`${id}e`}>{error}</FieldError>}
      {help !== undefined && <div className="help" id={`${id}h`}>{help}</div>}
      {under}
    </div>
  );
}

export const FieldError = ({ id, children }: { id?: string; children: ReactNode }) => (
  <div className="error" id={id}><CircleAlert className="icon" size={14} style={{ marginTop: 2 }} aria-hidden />{children}</div>
);

type Input = Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange'>;

export function TextField({ label, help, error, required, aside, value, onChange, mono, counter, ref, ...rest }: FieldProps & Input & {
  value: string;
  onChange?: ((value: string) => void) | undefined;
  mono?: boolean;
  /** Shows how many of this many characters are used. */
  counter?: number;
  ref?: Ref<HTMLInputElement> | undefined;
}) {
  const count = counter !== undefined && <div className="help number">{ui.characters([...value].length, counter)}</div>;
  return (
    <Field {...{ label, help, error, required, aside }} under={count}>
      {(tie) => (
        <input
          type="text" autoComplete="off" spellCheck={false} ref={ref} {...rest} {...tie}
          className={classes('input', mono === true && 'mono')}
          value={value}
          readOnly={onChange === undefined}
          onChange={(event) => onChange?.(event.target.value)}
        />
      )}
    </Field>
  );
}

export function TextArea({ label, help, error, required, aside, value, onChange, mono, counter, ...rest }: FieldProps & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'value' | 'onChange'> & {
  value: string;
  onChange?: ((value: string) => void) | undefined;
  mono?: boolean;
  counter?: number;
}) {
  const count = counter !== undefined && <div className="help number">{ui.characters([...value].length, counter)}</div>;
  return (
    <Field {...{ label, help, error, required, aside }} under={count}>
      {(tie) => (
        <textarea
          spellCheck={false} {...rest} {...tie}
          className={classes('input', mono === true && 'mono')}
          value={value}
          readOnly={onChange === undefined}
          onChange={(event) => onChange?.(event.target.value)}
        />
      )}
    </Field>
  );
}

export type Option<T extends string> = { value: T; label: string; disabled?: boolean };

export function Select<T extends string>({ label, help, error, required, aside, value, onChange, options, disabled }: FieldProps & {
  value: T;
  onChange: (value: T) => void;
  options: Option<T>[];
  disabled?: boolean | undefined;
}) {
  return (
    <Field {...{ label, help, error, required, aside }}>
      {(tie) => (
        <select {...tie} className="input" value={value} disabled={disabled} onChange={(event) => onChange(event.target.value as T)}>
          {options.map((option) => <option key={option.value} value={option.value} disabled={option.disabled}>{option.label}</option>)}
        </select>
      )}
    </Field>
  );
}

/** On or off. Inside a form it waits for Save like everything else. */
export function Switch({ label, help, checked, onChange, disabled, error }: {
  label: ReactNode;
  help?: ReactNode | undefined;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean | undefined;
  error?: string | undefined;
}) {
  const id = useId();
  const described = classes(help !== undefined && `${id}h`, error !== undefined && `${id}e`);
  return (
    <div className="switch-row">
      <button
        type="button" role="switch" id={id} className="switch" aria-checked={checked} disabled={disabled}
        aria-labelledby={`${id}l`} {...(described !== '' && { 'aria-describedby': described })}
        onClick={() => onChange(!checked)}
      />
      <div className="words">
        <label id={`${id}l`} htmlFor={id} className="strong">{label}</label>
        {help !== undefined && <div className="help" id={`${id}h`}>{help}</div>}
        {error !== undefined && <FieldError id={`${id}e`}>{error}</FieldError>}
      </div>
    </div>
  );
}

export function Checkbox({ label, help, checked, onChange, disabled }: {
  label: ReactNode;
  help?: ReactNode | undefined;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean | undefined;
}) {
  const id = useId();
  return (
    <div className="check">
      <input
        type="checkbox" id={id} checked={checked} disabled={disabled}
        {...(help !== undefined && { 'aria-describedby': `${id}h` })}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {help !== undefined && <div className="help" id={`${id}h`}>{help}</div>}
      </div>
    </div>
  );
}

export type Card<T extends string> = { value: T; title: string; help?: string; icon?: LucideIcon; disabled?: boolean };

/** One of a few, each with a line about it. */
export function RadioCards<T extends string>({ label, value, onChange, cards, required, help, column }: {
  label: string;
  value: T | '';
  onChange: (value: T) => void;
  cards: Card<T>[];
  required?: boolean;
  help?: ReactNode;
  /** Least width of a card in pixels. */
  column?: number;
}) {
  const id = useId();
  return (
    <fieldset className="field" {...(help !== undefined && { 'aria-describedby': `${id}h` })}>
      <legend className="label" style={{ marginBottom: 4 }}>{label}{required === true && <span className="star" aria-hidden>*</span>}</legend>
      <div className="radio-cards" {...(column !== undefined && { style: { '--column': `${column}px` } as object })}>
        {cards.map(({ icon: Icon, ...card }) => (
          <label key={card.value} className="radio-card">
            <input
              type="radio" name={id} value={card.value} checked={value === card.value} disabled={card.disabled}
              aria-labelledby={`${id}${card.value}`} {...(card.help !== undefined && { 'aria-describedby': `${id}${card.value}h` })}
              onChange={() => onChange(card.value)}
            />
            {Icon !== undefined && <Icon className="icon" size={18} aria-hidden />}
            <span>
              <span className="title" id={`${id}${card.value}`}>{card.title}</span>
              {card.help !== undefined && <span className="help" id={`${id}${card.value}h`}>{card.help}</span>}
            </span>
          </label>
        ))}
      </div>
      {help !== undefined && <div className="help" id={`${id}h`}>{help}</div>}
    </fieldset>
  );
}

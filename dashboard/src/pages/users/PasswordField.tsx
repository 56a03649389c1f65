import { useState } from 'react';
import { users } from '../../text/users';
import { Button, Field } from '../../ui';
import { Eye, EyeOff } from '../../ui/icons';

/** A password for somebody else: not for a password manager to fill in or to keep. */
export function PasswordField({ label, help, value, onChange, error }: { label: string; help: string; value: string; onChange: (value: string) => void; error: string | undefined }) {
  const [isShown, setShown] = useState(false);
  return (
    <Field label={label} help={help} error={error} required>
      {(tie) => (
        <div className="input-row">
          <input {...tie} className="input" type={isShown ? 'text' : 'password'} autoComplete="new-password" spellCheck={false} maxLength={512} value={value} onChange={(event) => onChange(event.target.value)} />
          <Button icon={isShown ? EyeOff : Eye} aria-pressed={isShown} onClick={() => setShown(!isShown)}>{users.createDialog.show}</Button>
        </div>
      )}
    </Field>
  );
}

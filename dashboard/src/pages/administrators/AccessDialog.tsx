import { useState, type ReactNode } from 'react';
import { Button, Dialog, ErrorPanel, Notice, TextField } from '../../ui';
import { resumeOf } from '../../auth/resume';
import { administrators as text } from '../../text/administrators';
import { ui } from '../../text/ui';
import { AccessFields } from './AccessFields';
import { emailFault, faultsOf, type Access } from './access';
import { useAttempt } from '../../ui/useAttempt';

/** What was chosen, so that it can go on after a fresh sign-in. */
export type Chosen = { email: string; access: Access; isAgain?: boolean };

/**
 * Asks what somebody may do. With `onEmail` the address is asked for too. `act` names it for the way over a fresh
 * sign-in; `save` may fail, and its error is shown here.
 */
export function AccessDialog({ title, confirm, chosen, asksEmail = false, act, details, save, onClose, children }: {
  title: string;
  confirm: string;
  chosen: Chosen;
  asksEmail?: boolean;
  act: string;
  details?: object;
  save: (chosen: Chosen) => Promise<void>;
  onClose: () => void;
  children?: ReactNode;
}) {
  const [{ email, access }, setChosen] = useState(chosen);
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt, forgetError } = useAttempt();
  const fault = asksEmail ? emailFault(email) : undefined;
  const submit = async () => {
    setTried(true);
    forgetError();
    if (fault !== undefined || Object.values(faultsOf(access)).some((fault) => fault !== undefined)) return;
    await attempt(async () => {
      await save({ email: email.trim(), access });
    });
  };
  return (
    <Dialog
      open onClose={onClose} title={title} width={640}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void submit()}>{confirm}</Button></>}
    >
      {chosen.isAgain === true && error === undefined && <Notice kind="success">{text.again}</Notice>}
      <form className="stack" noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        {asksEmail && <TextField label={text.form.email} help={text.form.emailHelp} required inputMode="email" value={email} error={isTried ? fault : undefined} onChange={(email) => setChosen({ email, access })} />}
        <AccessFields value={access} isTried={isTried} onChange={(access) => setChosen({ email, access })} />
        <button type="submit" hidden />
      </form>
      {children}
      {error !== undefined && <ErrorPanel error={error} resume={resumeOf(act, { ...details, chosen: { email, access, isAgain: true } })} />}
    </Dialog>
  );
}

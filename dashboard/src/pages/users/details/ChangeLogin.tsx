import { useState } from 'react';
import { updateUser, type User } from '../../../api/users';
import { user as words } from '../../../text/user';
import { ui } from '../../../text/ui';
import { Button, Dialog, ErrorPanel, Notice, RadioCards, TextField, toast } from '../../../ui';
import { useAttempt } from '../../../ui/useAttempt';
import { users } from '../../../text/users';
import { isEmail, isPhone, phoneOf } from '../connections';
import { PasswordField } from '../PasswordField';

export type Login = 'email' | 'username' | 'phone_number' | 'password';

type Afterwards = 'stays' | 'verify' | 'verified';

const text = words.change;

/** Asks for another address, name, number or password. */
export function ChangeLogin({ user, kind, name, onClose }: { user: User; kind: Login; name: string; onClose: () => void }) {
  const [value, setValue] = useState('');
  const [afterwards, setAfterwards] = useState<Afterwards>('stays');
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt, forgetError } = useAttempt();
  const now = kind === 'password' ? undefined : user[kind];
  const given = kind === 'phone_number' ? phoneOf(value) : kind === 'password' ? value : value.trim();
  const fault = given === '' ? text.missing
    : kind === 'email' && !isEmail(given) ? text.emailBad
      : kind === 'phone_number' && !isPhone(given) ? users.createDialog.phoneBad
        : given === now ? text.same : undefined;
  const change = async () => {
    setTried(true);
    if (fault !== undefined) return;
    const body = {
      [kind]: given,
      ...((kind === 'password' || kind === 'username' || kind === 'email') && user.identities?.[0] !== undefined && { connection: user.identities[0].connection }),
      ...(kind === 'email' && { email_verified: afterwards === 'verified', ...(afterwards === 'verify' && { verify_email: true }) }),
    };
    await attempt(async () => {
      await updateUser(user.user_id, body);
      toast(text.done[kind]);
      onClose();
    });
  };
  const parts = { label: text.labels[kind], value, onChange: (value: string) => { forgetError(); setValue(value); }, error: isTried ? fault : undefined };
  return (
    <Dialog
      open onClose={onClose} title={`${text.titles[kind]}: ${name}`} width={520} firm={value !== ''}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void change()}>{text.confirm[kind]}</Button></>}
    >
      {now !== undefined && <p className="muted anywhere">{text.was(now)}</p>}
      {kind === 'password' ? <PasswordField {...parts} help={text.passwordHelp} />
        : <TextField {...parts} required autoCapitalize="none" {...(kind === 'phone_number' && { help: users.createDialog.phoneHelp, type: 'tel' })} {...(kind === 'email' && { type: 'email', inputMode: 'email' })} />}
      {kind === 'email' && (
        <RadioCards<Afterwards>
          label={text.afterwards} value={afterwards} onChange={setAfterwards} column={400}
          cards={[{ value: 'stays', title: text.stays }, { value: 'verify', title: text.verify }, { value: 'verified', title: text.verified }]}
        />
      )}
      <Notice kind="warning">{text.effect}</Notice>
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

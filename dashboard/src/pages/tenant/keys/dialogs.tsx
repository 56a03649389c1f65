import { revokeAtOnce, revokeSigningKey, rotateSigningKey, type SigningKey } from '../../../api/keys';
import { resumeOf } from '../../../auth/resume';
import { showTime } from '../../../lib/time';
import { tenant as words } from '../../../text/tenant';
import { ConfirmDialog, Notice, toast } from '../../../ui';

const text = words.keys;

export type ToRevoke = { kid: string; isAgain: boolean; isCurrent: boolean };

/** Says what a rotation changes, above all that it ends the key that is previous now. */
export function RotateDialog({ open, onClose, next, previous, expiry }: {
  open: boolean;
  onClose: () => void;
  next: SigningKey | undefined;
  previous: SigningKey | undefined;
  expiry: number | undefined;
}) {
  const rotate = async () => {
    await rotateSigningKey();
    toast(text.rotated(next?.kid ?? ''));
  };
  const isLive = previous !== undefined && expiry !== undefined && expiry > Date.now();
  return (
    <ConfirmDialog open={open} onClose={onClose} title={text.rotateTitle} confirm={text.rotateConfirm} act={rotate} kind={isLive ? 'danger-primary' : 'primary'}>
      <p>{text.rotateNew(next?.kid ?? '')}</p>
      <p>{text.rotateOld}</p>
      {previous !== undefined && (
        <Notice kind={isLive ? 'warning' : 'info'}>{text.rotatePrevious(previous.kid)} {isLive ? text.rotatePreviousValid(showTime(expiry)) : text.rotatePreviousDead}</Notice>
      )}
    </ConfirmDialog>
  );
}

/** Asks for the tenant's name, and for a fresh sign-in when the server does. */
export function RevokeDialog({ asked, onClose, expiry, tenant }: { asked: ToRevoke | undefined; onClose: () => void; expiry: number | undefined; tenant: string }) {
  const kid = asked?.kid ?? '';
  const isCurrent = asked?.isCurrent === true;
  const revoke = async () => {
    await (isCurrent ? revokeAtOnce(kid) : revokeSigningKey(kid));
    toast(text.revokedNow(kid));
  };
  return (
    <ConfirmDialog
      key={kid} open={asked !== undefined} onClose={onClose} title={isCurrent ? text.revokeCurrentTitle : text.revokeTitle} confirm={text.revokeConfirm} act={revoke}
      typeName={tenant} typed={asked?.isAgain === true ? tenant : ''} resume={resumeOf('revoke-key', { kid, isCurrent, isAgain: true })}
    >
      {asked?.isAgain === true && <Notice kind="success">{text.again}</Notice>}
      <p>{text.revokeEffect(kid)}</p>
      {isCurrent && <Notice kind="danger">{text.revokeCurrentEffect}</Notice>}
      {!isCurrent && expiry !== undefined && <p className={expiry > Date.now() ? 'text-warning' : ''}>{expiry > Date.now() ? text.stillValidToday(showTime(expiry)) : text.allExpired}</p>}
      <p>{text.revokeForever}</p>
    </ConfirmDialog>
  );
}

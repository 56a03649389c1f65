import type { SigningKey } from '../../../api/keys';
import { can } from '../../../auth/me';
import { showAgo, showTime } from '../../../lib/time';
import { tenant } from '../../../text/tenant';
import { Button, CopyLine, LiveDot } from '../../../ui';
import { FileKey } from '../../../ui/icons';

const text = tenant.keys;

export type KeyState = 'current' | 'next' | 'previous' | 'revoked';

const DOTS = { current: 'on', next: 'off', previous: 'warning', revoked: 'error' } as const;

/** One generation of keys: what it does now, and since when. */
export function KeyCard({ state, signingKey: key, expiry, onShow, onRevoke }: {
  state: KeyState;
  signingKey: SigningKey;
  /** When its last token expires. */
  expiry?: number | undefined;
  onShow: (key: SigningKey) => void;
  onRevoke?: () => void;
}) {
  const since: Record<KeyState, string> = {
    current: key.current_since === undefined ? '' : text.since(showTime(key.current_since)),
    next: text.neverSigned,
    previous: key.current_until === undefined ? '' : text.until(showTime(key.current_until)),
    revoked: key.revoked_at === undefined ? '' : text.revokedAt(showTime(key.revoked_at)),
  };
  return (
    <li className="card">
      <header>
        <div className="row"><span className="strong"><LiveDot state={DOTS[state]}>{text[state]}</LiveDot></span><span className="muted small">{since[state]}</span></div>
        <div className="row">
          <Button small icon={FileKey} aria-label={text.showOf(key.kid)} onClick={() => onShow(key)}>{text.show}</Button>
          {onRevoke !== undefined && can('update:signing_keys') && <Button small kind="danger" aria-label={text.revokeOf(key.kid)} onClick={onRevoke}>{text.revoke}</Button>}
        </div>
      </header>
      <div className="body stack tight">
        <dl className="facts">
          <dt>{text.kid}</dt><dd><CopyLine value={key.kid} what={text.kid} /></dd>
          <dt>{text.algorithm}</dt><dd>{text.algorithms}</dd>
          {key.current_until !== undefined && <><dt>{text.lastUse}</dt><dd><time dateTime={key.current_until} title={showTime(key.current_until)}>{showAgo(key.current_until)}</time></dd></>}
        </dl>
        {state === 'next' && <p className="muted small">{text.published}</p>}
        {expiry !== undefined && (
          <p className="small" title={text.lastExpiryHelp}>
            {expiry <= Date.now() ? <span className="text-success">{text.allExpired}</span>
              : <>{text.stillValid(showTime(expiry), showAgo(expiry))} <span className="muted">{text.lastExpiryHelp}</span></>}
          </p>
        )}
      </div>
    </li>
  );
}

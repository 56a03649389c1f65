import { useEffect, useState, useSyncExternalStore } from 'react';
import { session, signInAgain, signOut, stay } from '../auth/session';
import { showSpan } from '../lib/time';
import { shell } from '../text/shell';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';

const WARN_MS = 2 * 60_000;

/** Warns two minutes before the session can no longer be prolonged by itself. */
export function SessionDialog() {
  const endsAt = useSyncExternalStore(session.subscribe, session.endsAt);
  const [now, setNow] = useState(Date.now());
  const left = (endsAt ?? Number.POSITIVE_INFINITY) - now;
  useEffect(() => {
    if (endsAt === undefined) return;
    // Far from the end one look is enough; near it, each second.
    const wait = endsAt - Date.now() > WARN_MS ? Math.min(endsAt - Date.now() - WARN_MS, 2 ** 31 - 1) : 1000;
    const timer = setTimeout(() => setNow(Date.now()), wait);
    return () => clearTimeout(timer);
  }, [endsAt, now]);
  const renew = async () => {
    await stay().catch(() => undefined);
    // Nothing was gained: only the login page can help.
    if ((session.endsAt() ?? Number.POSITIVE_INFINITY) - Date.now() <= WARN_MS) await signInAgain();
    setNow(Date.now());
  };
  return (
    <Dialog
      open={left <= WARN_MS} onClose={() => void renew()} title={shell.session.title} small firm width={420}
      footer={<><Button onClick={signOut}>{shell.session.leave}</Button><Button kind="primary" data-autofocus onClick={() => void renew()}>{shell.session.stay}</Button></>}
    >
      <p role="timer">{shell.session.body(showSpan(Math.max(left / 1000, 0)))}</p>
    </Dialog>
  );
}

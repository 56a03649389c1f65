import { useEffect, useState, useSyncExternalStore } from 'react';
import { ui } from '../text/ui';
import { dismiss, messages, type Toast } from './announce';
import { Button, IconButton } from './Button';
import { X } from './icons';

const STAYS_MS = 10_000;

/** The messages and the words for screen readers; once, in the shell. */
export function Toasts() {
  const toasts = useSyncExternalStore(messages.subscribe, messages.toasts);
  const spoken = useSyncExternalStore(messages.subscribe, messages.spoken);
  return (
    <>
      <div role="status" aria-live="polite" className="sr">{spoken}</div>
      <div role="status" aria-live="polite" className="toasts">
        {toasts.map((toast) => <One key={toast.id} toast={toast} />)}
      </div>
    </>
  );
}

function One({ toast }: { toast: Toast }) {
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => dismiss(toast.id), STAYS_MS);
    return () => clearTimeout(timer);
  }, [isHeld, toast.id]);
  const hold = { onMouseEnter: () => setHeld(true), onMouseLeave: () => setHeld(false), onFocus: () => setHeld(true), onBlur: () => setHeld(false) };
  return (
    <div className="toast" {...hold}>
      <span className="words">{toast.message}</span>
      {toast.undo !== undefined && (
        <Button small onClick={() => { dismiss(toast.id); void toast.undo?.(); }}>{ui.undo}</Button>
      )}
      <IconButton icon={X} small label={ui.closeToast} onClick={() => dismiss(toast.id)} />
    </div>
  );
}

// What is said to screen readers, and the messages that everybody sees. The shell draws both.
export type Toast = { id: number; message: string; undo?: (() => void | Promise<unknown>) | undefined };

let toasts: Toast[] = [];
let spoken = '';
let next = 1;
const listeners = new Set<() => void>();

function tell() {
  for (const listener of listeners) listener();
}

export const messages = {
  toasts: () => toasts,
  spoken: () => spoken,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

/** Shows a message for ten seconds, with a way to undo what it tells of. */
export function toast(message: string, how: { undo?: () => void | Promise<unknown> } = {}) {
  toasts = [...toasts, { id: next, message, undo: how.undo }].slice(-3);
  next += 1;
  tell();
}

export function dismiss(id: number) {
  toasts = toasts.filter((toast) => toast.id !== id);
  tell();
}

/** Says something to screen readers only. */
export function announce(message: string) {
  // The same words twice would not be read again.
  spoken = spoken === message ? `${message}\u00a0` : message;
  tell();
}

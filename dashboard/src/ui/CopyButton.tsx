import { useEffect, useRef, useState } from 'react';
import { ui } from '../text/ui';
import { announce, toast } from './announce';
import { Button, IconButton } from './Button';
import { Check, Copy } from './icons';

/** Puts text on the clipboard, also where the page has no clipboard of its own. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.setAttribute('readonly', '');
    area.className = 'sr';
    // Inside an open dialog, whatever is outside cannot be selected.
    (document.querySelector('[role=dialog]') ?? document.body).append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

/**
 * Copies `value`, or what `value` fetches. `what` names it in the button's name: "Copy client ID of nightly-job".
 * With `label` it is a button with words.
 */
export function CopyButton({ value, what, label, small = true, onCopied }: {
  value: string | (() => string | Promise<string>);
  what: string;
  label?: string;
  small?: boolean;
  onCopied?: () => void;
}) {
  const [isDone, setDone] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    const text = typeof value === 'string' ? value : await value();
    if (!(await copyText(text))) return toast(ui.copyFailed);
    announce(ui.copied(what));
    onCopied?.();
    setDone(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setDone(false), 1500);
  };
  const icon = isDone ? Check : Copy;
  return label === undefined ? (
    <IconButton icon={icon} size={15} small={small} label={ui.copy(what)} className={isDone ? 'done' : ''} onClick={() => void copy()} />
  ) : (
    <Button icon={icon} small={small} onClick={() => void copy()}>{label}</Button>
  );
}

/** An identifier with its copy button. */
export function CopyLine({ value, what, short }: { value: string; what: string; short?: boolean }) {
  const shown = short === true && value.length > 16 ? `${value.slice(0, 6)}…${value.slice(-4)}` : value;
  return (
    <span className="copy-line">
      <code title={value}>{shown}</code>
      <CopyButton value={value} what={what} />
    </span>
  );
}

import { useCallback, useEffect, useState } from 'react';
import { ui } from '../text/ui';
import { toast } from './announce';
import { IconButton } from './Button';
import { CopyButton } from './CopyButton';
import { Eye, EyeOff } from './icons';

const STAYS_MS = 30_000;

/** A secret's value while it may be seen: fetched when asked for, gone after 30 seconds or when the page is left. */
export function useSecret(fetch: () => Promise<string>) {
  const [value, setValue] = useState<string>();
  const hide = useCallback(() => setValue(undefined), []);
  useEffect(() => {
    if (value === undefined) return;
    const timer = setTimeout(hide, STAYS_MS);
    addEventListener('blur', hide);
    document.addEventListener('visibilitychange', hide);
    return () => {
      clearTimeout(timer);
      removeEventListener('blur', hide);
      document.removeEventListener('visibilitychange', hide);
    };
  }, [value, hide]);
  const reveal = async () => {
    try {
      setValue(await fetch());
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
  };
  return { value, reveal, hide };
}

/** A masked secret with reveal and copy; nothing is fetched before one of them is pressed. */
export function SecretField({ what, fetch }: { what: string; fetch: () => Promise<string> }) {
  const secret = useSecret(fetch);
  const isShown = secret.value !== undefined;
  return (
    <span className="copy-line">
      <code className="anywhere" style={isShown ? { whiteSpace: 'normal' } : {}}>{secret.value ?? '••••••••••••••••••••'}</code>
      <IconButton icon={isShown ? EyeOff : Eye} size={15} small label={isShown ? ui.hide(what) : ui.reveal(what)} onClick={isShown ? secret.hide : () => void secret.reveal()} />
      <CopyButton value={secret.value ?? fetch} what={what} />
    </span>
  );
}

// Keys that work everywhere. Single keys only outside of inputs, and only while they are not switched off.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

const KEY = 'single-keys';
const GOES: Record<string, string> = { h: '/', a: '/applications', p: '/apis', l: '/logs', u: '/usage', t: '/tenant' };

export const singleKeys = {
  on: (): boolean => localStorage.getItem(KEY) !== 'off',
  set: (on: boolean) => (on ? localStorage.removeItem(KEY) : localStorage.setItem(KEY, 'off')),
};

export function useShortcuts(act: { openPalette: () => void; openSheet: () => void }) {
  const navigate = useNavigate();
  const current = useRef(act);
  current.current = act;
  useEffect(() => {
    let began = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        return current.current.openPalette();
      }
      const target = event.target as HTMLElement;
      const isTyping = target.closest('input, textarea, select, [contenteditable], [role=menu], [role=dialog]') !== null;
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !singleKeys.on()) return;
      if (event.key === '?') return current.current.openSheet();
      if (event.key === '/') {
        const filter = document.querySelector<HTMLInputElement>('[data-filter]');
        if (filter !== null) event.preventDefault();
        return filter?.focus();
      }
      const to = GOES[event.key];
      if (Date.now() - began < 1000 && to !== undefined) {
        began = 0;
        return void navigate({ to: to as string });
      }
      began = event.key === 'g' ? Date.now() : 0;
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [navigate]);
}

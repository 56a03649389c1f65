// Keys that work everywhere. Single keys only outside of inputs, and only while they are not switched off.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { shell } from '../text/shell';

const KEY = 'single-keys';

/** Pages that `g` and another key lead to. */
export const GOES: { key: string; to: string; label: string }[] = [
  { key: 'h', to: '/', label: shell.nav.home },
  { key: 'a', to: '/applications', label: shell.nav.applications },
  { key: 'p', to: '/apis', label: shell.nav.apis },
  { key: 'l', to: '/logs', label: shell.nav.logs },
  { key: 'u', to: '/usage', label: shell.nav.usage },
  { key: 't', to: '/tenant', label: shell.nav.tenant },
  { key: 'i', to: '/inspector', label: shell.nav.inspector },
];

/** What the control key is called here. */
export const CTRL = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl';

export const singleKeys = {
  on: (): boolean => localStorage.getItem(KEY) !== 'off',
  set: (on: boolean) => (on ? localStorage.removeItem(KEY) : localStorage.setItem(KEY, 'off')),
};

// What is typed after the palette was asked for and before it is there.
let early: string | undefined;

export function takeEarly(): string {
  const typed = early ?? '';
  early = undefined;
  return typed;
}

export function useShortcuts(act: { openPalette: () => void; openSheet: () => void }) {
  const navigate = useNavigate();
  const current = useRef(act);
  current.current = act;
  useEffect(() => {
    let began = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        early = document.querySelector('[role=dialog]') === null ? '' : undefined;
        return current.current.openPalette();
      }
      if (early !== undefined && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        early += event.key;
        return;
      }
      const target = event.target as HTMLElement;
      const isTyping = target.closest('input, textarea, select, [contenteditable], [role=menu], [role=dialog]') !== null;
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !singleKeys.on()) return;
      if (event.key === '?') return current.current.openSheet();
      if (event.key === '/') {
        const filter = document.querySelector<HTMLInputElement>('[data-filter]');
        event.preventDefault();
        return filter === null ? current.current.openPalette() : filter.focus();
      }
      const to = GOES.find(({ key }) => key === event.key)?.to;
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

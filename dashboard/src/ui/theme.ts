// Light, dark, or as the system says. `theme.js` sets it before the first paint; here it is changed.
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

export const chosenTheme = (): Theme => (localStorage.getItem(KEY) as Theme | null) ?? 'system';
export const currentTheme = (): string => document.documentElement.dataset['theme'] ?? 'light';

export function subscribeTheme(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function chooseTheme(theme: Theme) {
  if (theme === 'system') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  apply();
}

function apply() {
  const theme = chosenTheme();
  document.documentElement.dataset['theme'] = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  for (const listener of listeners) listener();
}

dark.addEventListener('change', apply);

// The pages last looked at, for the palette. They hold names, so they are kept only as long as the tab is.
import { basePath } from '../api/config';

const KEY = `recent ${basePath}`;

/** `path` is the one within the dashboard: `/logs`. */
export type Recent = { path: string; title: string };

export const recent = (): Recent[] => JSON.parse(sessionStorage.getItem(KEY) ?? '[]');

export function remember(path: string, title: string) {
  if (title === '') return;
  const others = recent().filter((page) => page.path !== path);
  sessionStorage.setItem(KEY, JSON.stringify([{ path, title }, ...others].slice(0, 8)));
}

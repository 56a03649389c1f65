// The pages last looked at, for the palette. They hold names, so they are kept only as long as the tab is.
import { basePath, config } from '../api/config';

const KEY = `recent ${config.tenant.name}`;

export type Recent = { path: string; title: string };

// A tenant may be managed by its host or by its name, so its pages have two addresses.
export const recent = (): Recent[] =>
  (JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as Recent[]).filter(({ path }) => path.startsWith(basePath) && path.includes('/@') === basePath.includes('/@'));

export function remember(path: string, title: string) {
  if (title === '') return;
  const others = recent().filter((page) => page.path !== path);
  sessionStorage.setItem(KEY, JSON.stringify([{ path, title }, ...others].slice(0, 8)));
}

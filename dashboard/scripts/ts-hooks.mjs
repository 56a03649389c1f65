import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transformWithOxc } from 'vite';

// Modules name each other without their ending, as the bundler lets them.
export async function resolve(specifier, context, next) {
  if (!/^\.{1,2}\//.test(specifier) || /\.\w+$/.test(specifier)) return next(specifier, context);
  return next(`${specifier}.ts`, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const path = fileURLToPath(url);
  const { code } = await transformWithOxc(await readFile(path, 'utf8'), path);
  return { format: 'module', source: code, shortCircuit: true };
}

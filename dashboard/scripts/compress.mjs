// Puts FILE.br and FILE.gz in the place of each file of dist, so that the server never compresses and holds nothing twice,
// and prints the sizes of the first page.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = new URL('../dist/', import.meta.url).pathname;
const COMPRESSED = /\.(br|gz)$/;
// The page itself is rendered per request, and the manifest is for tests.
const LEFT_ALONE = /(^|\/)index\.html$|manifest\.json$/;

for (const name of readdirSync(root, { recursive: true, withFileTypes: true })) {
  const path = join(name.parentPath, name.name);
  if (!name.isFile() || COMPRESSED.test(path) || LEFT_ALONE.test(path)) continue;
  const bytes = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }));
  rmSync(path);
}
await import('./size.mjs');

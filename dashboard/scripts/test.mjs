// `node --test` over every *.test.ts under src.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const tests = readdirSync(join(root, 'src'), { recursive: true }).filter((name) => name.endsWith('.test.ts'));
const files = tests.map((name) => join('src', name));
const run = spawnSync(process.execPath, ['--import', './scripts/ts.mjs', '--test', ...files], { cwd: root, stdio: 'inherit' });
process.exitCode = run.status ?? 1;

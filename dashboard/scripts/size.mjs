// Adds up what the first page (Applications) loads, compressed with gzip, and fails when it passes the budget.
import { readFileSync, statSync } from 'node:fs';

const BUDGET = { js: 170_000, css: 12_000 };
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const size = (file) => statSync(new URL(`${file}.gz`, dist)).size;

const wanted = ['index.html', 'src/App.tsx', 'src/pages/applications/List.tsx'];
const files = new Set();
const styles = new Set();
const follow = (key) => {
  const entry = manifest[key];
  if (entry === undefined) throw new Error(`no ${key} in the manifest`);
  if (files.has(entry.file)) return;
  files.add(entry.file);
  for (const style of entry.css ?? []) styles.add(style);
  for (const other of entry.imports ?? []) follow(other);
};
wanted.forEach(follow);

const total = (names) => [...names].reduce((sum, name) => sum + size(name), 0);
const [js, css] = [total(files), total(styles)];
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(`first page, gzip: JavaScript ${kB(js)} in ${files.size} files, CSS ${kB(css)} in ${styles.size}`);
if (js > BUDGET.js || css > BUDGET.css) {
  console.error(`over the budget of ${kB(BUDGET.js)} and ${kB(BUDGET.css)}`);
  process.exitCode = 1;
}

// Files made in the browser.

/** Hands a text to the browser as a file. */
export function download(name: string, text: string | Blob, type = 'text/plain') {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(text instanceof Blob ? text : new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Lines of values as CSV. What a spreadsheet would take for a formula gets an apostrophe before it. */
export const csvOf = (lines: readonly (readonly unknown[])[]): string => lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');

function cell(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

// Lists of addresses: one per row, several by pasting, each checked alone.

export type UrlKind = 'url' | 'origin' | 'https' | 'exact';
export type UrlFault = 'invalid' | 'twice' | 'wildcard' | 'hash' | 'origin' | 'https' | 'exact';

/** The addresses in a pasted text, which people part by lines, commas or blanks. */
export const splitUrls = (text: string): string[] => text.split(/[\s,]+/).filter((part) => part !== '');

/** What is wrong with one row of a list, if anything; an empty row is nothing yet. */
export function urlFault(url: string, others: string[], kind: UrlKind): UrlFault | undefined {
  if (url === '') return undefined;
  if (others.includes(url)) return 'twice';
  if (kind === 'exact' && /[*{}]/.test(url)) return 'exact';
  // Placeholders of organizations and wildcards of subdomains stand where a host name does.
  const plain = url.replace(/\{[^{}]*\}/g, 'x').replace(/^([a-z][a-z0-9+.-]*:\/\/)\*\./i, '$1x.');
  if (plain.includes('*')) return 'wildcard';
  if (!/^[a-z][a-z0-9+.-]*:/i.test(plain) || !URL.canParse(plain) || /\s/.test(plain)) return 'invalid';
  const parsed = new URL(plain);
  if (/^https?:$/.test(parsed.protocol) && !/^https?:\/\/[^/]/i.test(plain)) return 'invalid';
  if (parsed.hash !== '' || plain.endsWith('#')) return 'hash';
  if (kind === 'https' && parsed.protocol !== 'https:') return 'https';
  const isMore = parsed.search !== '' || parsed.username !== '' || !(parsed.pathname === '/' || parsed.pathname === '');
  if (kind === 'origin' && (isMore || plain.endsWith('/'))) return 'origin';
  return undefined;
}

/** Whether an address leads to the reader's own machine. */
const isLocal = (url: string): boolean => /^[a-z]+:\/\/(localhost|127\.|\[::1\])/i.test(url);

export type UrlRisk = 'local' | 'plain' | 'wildcard';

/** What should be thought over about an address that is none the less taken. */
export function urlRisk(url: string, isProduction: boolean): UrlRisk | undefined {
  if (isLocal(url)) return isProduction ? 'local' : undefined;
  if (/^http:/i.test(url)) return 'plain';
  return /^[a-z][a-z0-9+.-]*:\/\/\*\./i.test(url) ? 'wildcard' : undefined;
}

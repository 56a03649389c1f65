// Addresses and networks, one per line.

const OCTET = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const V4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);

const isV4 = (text: string) => V4.test(text);

function isV6(text: string): boolean {
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(':') || text.split('::').length > 2) return false;
  // An address of version 4 at the end stands for two groups.
  const last = text.slice(text.lastIndexOf(':') + 1);
  const isMixed = last.includes('.');
  if (isMixed && !isV4(last)) return false;
  const plain = isMixed ? `${text.slice(0, text.lastIndexOf(':') + 1)}0:0` : text;
  const [head = '', tail] = plain.split('::');
  const groups = [head, tail ?? ''].flatMap((part) => (part === '' ? [] : part.split(':')));
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) && (tail === undefined ? groups.length === 8 : groups.length < 8);
}

/** 4 or 6 for an address or a network in CIDR notation, nothing for anything else. */
export function versionOf(text: string): 4 | 6 | undefined {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isV4(address) ? 4 : isV6(address) ? 6 : undefined;
  if (version === undefined || more.length > 0) return undefined;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128)) ? version : undefined;
}

/** The lines of a text that say something. */
export const linesOf = (text: string): string[] => text.split(/[\n,]/).map((line) => line.trim()).filter((line) => line !== '');

/** The first line that is neither an address nor a network. */
export const wrongAddress = (lines: string[]): string | undefined => lines.find((line) => versionOf(line) === undefined);

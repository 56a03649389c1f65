// Permissions as people type and paste them.
import type { Scope } from '../../../api/resourceServers';
import { isMalformed, isReserved, MOST_CHARACTERS, readLine } from '../../../lib/scopes';

const MOST_DESCRIBED = 500;
export const MOST_SCOPES = 1000;

export type ScopeFault = 'missing' | 'malformed' | 'reserved' | 'twice' | 'long' | 'description';

/** What is wrong with a permission's name beside the others, if anything. */
export function scopeFault(value: string, others: string[]): ScopeFault | undefined {
  if (value === '') return 'missing';
  if (isMalformed(value)) return 'malformed';
  if (isReserved(value)) return 'reserved';
  if (others.includes(value)) return 'twice';
  return [...value].length > MOST_CHARACTERS ? 'long' : undefined;
}

export const descriptionFault = (description: string): ScopeFault | undefined =>
  [...description].length > MOST_DESCRIBED ? 'description' : undefined;

export type Pasted = { line: number; value: string; description: string; fault: ScopeFault | undefined; is: 'new' | 'changed' | 'same' };

/** One permission per line, `name: description`; names hold colons themselves. */
export function parsePasted(text: string, existing: Scope[]): Pasted[] {
  const seen: string[] = [];
  return text.split(/\r?\n/).flatMap((line, index) => {
    const read = readLine(line);
    if (read === undefined) return [];
    const { value, description } = read;
    const known = existing.find((scope) => scope.value === value);
    const fault = scopeFault(value, seen) ?? descriptionFault(description);
    seen.push(value);
    const is = known === undefined ? 'new' : description !== '' && description !== (known.description ?? '') ? 'changed' : 'same';
    return [{ line: index + 1, value, description, fault, is }];
  });
}

/** The permissions with what was pasted: new ones at the end, descriptions replaced. */
export function withPasted(scopes: Scope[], pasted: Pasted[]): Scope[] {
  const changed = scopes.map((scope) => {
    const line = pasted.find(({ value, description }) => value === scope.value && description !== '');
    return line === undefined ? scope : { ...scope, description: line.description };
  });
  const added = pasted.filter(({ value }) => !scopes.some((scope) => scope.value === value));
  return [...changed, ...added.map(({ value, description }) => scopeOf(value, description))];
}

export const scopeOf = (value: string, description: string): Scope => ({ value, ...(description !== '' && { description }) });

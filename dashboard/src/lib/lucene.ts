// The query language of the log and of people, as far as a page must know it: where a query is wrong, and how clauses are joined.
// The server has the last word; what is not sure to be wrong is left to it.

/** What can be searched: fields by name, those below which there are more, and those that hold times. */
export type Fields = { named: string[]; roots: string[]; dates: string[] };

const NAMED = [
  'client_id', 'client_name', 'connection', 'connection_id', 'date', 'description', 'hostname', 'ip', 'log_id',
  'organization_id', 'strategy', 'strategy_type', 'type', 'user_agent', 'user_id', 'user_name',
];
export const LOG_FIELDS: Fields = { named: NAMED, roots: [], dates: ['date'] };

export type QueryFault = {
  kind: 'quote' | 'bracket' | 'closed' | 'field' | 'value' | 'operator' | 'empty' | 'question' | 'wildcard' | 'date' | 'range' | 'colon' | 'fieldless' | 'backslash' | 'words';
  /** Where in the text, and how much of it. */
  at: number;
  length: number;
};

type Token = { kind: 'open' | 'close' | 'and' | 'or' | 'not' | 'operand'; at: number; end: number };

class Wrong extends Error {
  readonly fault: QueryFault;

  constructor(kind: QueryFault['kind'], at: number, end: number) {
    super(kind);
    this.fault = { kind, at, length: Math.max(end - at, 1) };
  }
}

/** The first thing that is wrong with a query, if anything is. */
export function queryFault(q: string, fields: Fields = LOG_FIELDS): QueryFault | undefined {
  try {
    check(tokens(q, fields), q.length);
    return undefined;
  } catch (error) {
    if (error instanceof Wrong) return error.fault;
    throw error;
  }
}

const WORD_ENDS = /[\s()":[\]{}]/;

function tokens(q: string, fields: Fields = LOG_FIELDS): Token[] {
  const found: Token[] = [];
  const push = (kind: Token['kind'], at: number, end: number) => found.push({ kind, at, end });
  let at = 0;
  while (at < q.length) {
    const character = q[at]!;
    if (/\s/.test(character)) at += 1;
    else if (character === '(' || character === ')') push(character === '(' ? 'open' : 'close', at, (at += 1));
    else if (/[+-]/.test(character) && q[at + 1] !== undefined && !/\s/.test(q[at + 1]!)) push('not', at, (at += 1));
    else if (character === '[' || character === '{') throw new Wrong('fieldless', at, bracketEnd(q, at));
    else if (character === ']' || character === '}') throw new Wrong('closed', at, at + 1);
    else at = clause(q, at, fields, push);
  }
  return found;
}

/** One value, with the field before it if there is one. */
function clause(q: string, at: number, fields: Fields, push: (kind: Token['kind'], at: number, end: number) => void): number {
  if (q[at] === '"') {
    const end = quoteEnd(q, at);
    push('operand', at, end);
    return end;
  }
  const end = wordEnd(q, at);
  const word = q.slice(at, end);
  if (word === '+' || word === '-') throw new Wrong('operator', at, end);
  if (q[end] !== ':') {
    const operator = { AND: 'and', OR: 'or', NOT: 'not' }[word] as Token['kind'] | undefined;
    if (word === '&&' || word === '||' || word.startsWith('!')) throw new Wrong('words', at, end);
    if (operator === undefined) checkWord(word, at);
    push(operator ?? 'operand', at, end);
    return Math.max(end, at + 1);
  }
  if (end === at) throw new Wrong('field', at, at + 1);
  if (word !== '_exists_' && !isField(word.replaceAll('\\', ''), fields)) throw new Wrong('field', at, end);
  return value(q, word, at, end + 1, fields, push);
}

const isField = (name: string, { named, roots }: Fields) => named.includes(name) || roots.some((root) => name === root || name.startsWith(`${root}.`));

function value(q: string, field: string, begin: number, at: number, fields: Fields, push: (kind: Token['kind'], at: number, end: number) => void): number {
  const next = q[at];
  if (next !== undefined && /\s/.test(next) && q.slice(at).trim() !== '') return value(q, field, begin, at + 1, fields, push);
  if (next === undefined || /\s/.test(next) || next === ')') throw new Wrong('value', begin, at);
  const isDate = fields.dates.includes(field);
  // What stands in the brackets is looked at as if it stood alone.
  if (next === '(') return at;
  if (next === '"') {
    const end = quoteEnd(q, at);
    if (isDate) checkDate(q.slice(at + 1, end - 1), at, end);
    push('operand', begin, end);
    return end;
  }
  if (next === '[' || next === '{') {
    const end = bracketEnd(q, at);
    checkRange(q.slice(at + 1, end - 1), isDate, at, end);
    push('operand', begin, end);
    return end;
  }
  const end = wordEnd(q, at);
  if (q[end] === ':') throw new Wrong('colon', at, wordEnd(q, end + 1));
  const word = q.slice(at, end);
  checkWord(word, at);
  if (isDate && word !== '*') checkDate(word, at, end);
  push('operand', begin, end);
  return Math.max(end, at + 1);
}

function wordEnd(q: string, at: number): number {
  let end = at;
  while (end < q.length && !WORD_ENDS.test(q[end]!)) {
    if (q[end] === '\\') {
      if (end + 1 === q.length) throw new Wrong('backslash', end, end + 1);
      end += 1;
    }
    end += 1;
  }
  return Math.min(end, q.length);
}

function quoteEnd(q: string, at: number): number {
  for (let end = at + 1; end < q.length; end += 1) {
    if (q[end] === '\\') end += 1;
    else if (q[end] === '"') return end + 1;
  }
  throw new Wrong('quote', at, q.length);
}

function bracketEnd(q: string, at: number): number {
  const end = q.slice(at + 1).search(/[\]}]/);
  if (end < 0) throw new Wrong('bracket', at, q.length);
  return at + end + 2;
}

function checkWord(word: string, at: number) {
  const bare = word.replace(/\\./g, 'xxx').replace(/\*+/g, '*');
  if (bare.includes('?')) throw new Wrong('question', at + word.indexOf('?'), at + word.indexOf('?') + 1);
  if (/\*./.test(bare) && bare.replaceAll('*', '').length < 3) throw new Wrong('wildcard', at, at + word.length);
}

const isTime = (text: string) => /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d))?$/i.test(text) && !Number.isNaN(Date.parse(text));

function checkDate(text: string, at: number, end: number) {
  if (!isTime(text)) throw new Wrong('date', at, end);
}

function checkRange(inside: string, isDate: boolean, at: number, end: number) {
  const bounds = inside.trim().split(/\s+TO\s+/);
  if (bounds.length !== 2 || bounds.some((bound) => bound === '')) throw new Wrong('range', at, end);
  if (!isDate) return;
  for (const bound of bounds) {
    const text = bound.replaceAll('"', '');
    const from = at + 1 + inside.indexOf(bound);
    if (text !== '*') checkDate(text, from, from + bound.length);
  }
}

/** Whether operators stand between values, and brackets in pairs. */
function check(found: Token[], length: number) {
  const open: Token[] = [];
  let before: Token | undefined;
  const wantsMore = (token: Token | undefined) => token !== undefined && (token.kind === 'and' || token.kind === 'or' || token.kind === 'not');
  for (const token of found) {
    const isStart = before === undefined || before.kind === 'open';
    if ((token.kind === 'and' || token.kind === 'or') && (isStart || wantsMore(before))) throw new Wrong('operator', token.at, token.end);
    if (token.kind === 'open') open.push(token);
    if (token.kind === 'close') {
      if (wantsMore(before)) throw new Wrong('operator', before!.at, before!.end);
      const opened = open.pop();
      if (opened === undefined) throw new Wrong('closed', token.at, token.end);
      if (before?.kind === 'open') throw new Wrong('empty', opened.at, token.end);
    }
    before = token;
  }
  if (wantsMore(before)) throw new Wrong('operator', before!.at, before!.end);
  const unclosed = open.pop();
  if (unclosed !== undefined) throw new Wrong('bracket', unclosed.at, length);
}

/** A value in quotes, whatever it holds. */
export const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;

/** Queries that must all hold, as one. */
export function allOf(...queries: (string | undefined)[]): string {
  const given = queries.map((query) => query?.trim() ?? '').filter((query) => query !== '');
  return given.length < 2 ? (given[0] ?? '') : given.map(bracketed).join(' AND ');
}

/** One of these values of a field. */
export const oneOf = (field: string, values: string[]): string => (values.length === 1 ? `${field}:${values[0]}` : `${field}:(${values.join(' OR ')})`);

/** In brackets, unless it is a single clause. */
function bracketed(query: string): string {
  if (queryFault(query) !== undefined) return `(${query})`;
  const found = tokens(query);
  const isOne = found.length === 1 || (found[0]?.kind === 'operand' && found.length === 1) || isGroup(found);
  return isOne ? query : `(${query})`;
}

/** `field:(…)` or `(…)`: its first bracket closes at its end. */
function isGroup(found: Token[]): boolean {
  if (found[0]?.kind !== 'open') return false;
  let depth = 0;
  return found.every((token, place) => {
    depth += token.kind === 'open' ? 1 : token.kind === 'close' ? -1 : 0;
    return depth > 0 || place === found.length - 1;
  });
}

// The decision trace of a request, in the order in which it is decided.
import { trace as text } from '../text/trace.ts';

export type Step = { name: string; words: string };

type Trace = Record<string, unknown>;

const ORDER = ['method', 'credential', 'client_grant', 'scopes_asked', 'scopes_given', 'binding', 'limits', 'actions', 'reused', 'kid', 'reason'];

const split = (scopes: unknown): string[] => String(scopes ?? '').split(' ').filter((scope) => scope !== '');

/** One line per step; what is not known here is shown as it is. */
export function stepsOf(trace: Trace): Step[] {
  const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return Object.keys(trace)
    .sort((one, other) => place(one) - place(other))
    .flatMap((name) => wordsOf(trace, name).map((words) => ({ name: text.names[name] ?? name.replaceAll('_', ' '), words })));
}

function wordsOf(trace: Trace, name: string): string[] {
  const value = trace[name];
  if (value === null || value === undefined || value === false) return [];
  switch (name) {
    case 'method': return [text.method(String(value))];
    case 'credential': return [text.credential(String(value))];
    case 'client_grant': return [text.client_grant(String(value))];
    case 'scopes_asked': return [text.scopes_asked(split(value))];
    case 'scopes_given': {
      const missing = split(trace['scopes_asked']).filter((scope) => !split(value).includes(scope));
      return [text.scopes_given(split(value)), ...(missing.length > 0 ? [text.missing(missing)] : [])];
    }
    case 'binding': return [text.binding(String(value))];
    case 'reason': return [text.reason(String(value))];
    case 'kid': return [text.kid(String(value))];
    case 'reused': return [text.reused];
    default: return [value].flat().map(plain);
  }
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(', ');
  return typeof value === 'object' && value !== null ? Object.entries(value).map(([name, inner]) => `${name}: ${plain(inner)}`).join(', ') : String(value);
}

// What is to go on after the person has signed in again. A page asks once, for what is its own.
import { takeResume } from './session';

let taken: { value?: Record<string, unknown> } | undefined;

/** Writes down an act of a page, to be handed to `reauthenticate`. */
export const resumeOf = (act: string, details: object = {}): string => JSON.stringify({ act, ...details });

/** The act that was interrupted, if it is the one asked for; given once. */
export function resumed<T>(act: string): T | undefined {
  taken ??= read();
  if (taken.value?.['act'] !== act) return undefined;
  const { value } = taken;
  taken = {};
  return value as T;
}

function read(): { value?: Record<string, unknown> } {
  try {
    const stored = takeResume();
    return stored === undefined ? {} : { value: JSON.parse(stored) };
  } catch {
    return {};
  }
}

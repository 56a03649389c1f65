import { rules } from '../../text/rules.ts';
import { ui } from '../../text/ui.ts';

/** What is wrong with the name of a rule. */
export function nameFault(name: string): string | undefined {
  if (name === '') return ui.nameMissing;
  return /^[a-zA-Z0-9]([ \-a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(name) ? undefined : rules.create.nameBad;
}

import { useId, useRef } from 'react';
import type { Operator } from '../../../api/federation';
import { nameWhom, ruleFault, type DraftRule } from '../../../lib/federation';
import { federation as text } from '../../../text/federation';
import { Button, FieldError, IconButton } from '../../../ui';
import { Plus, X } from '../../../ui/icons';

const OPERATORS = Object.keys(text.operators) as Operator[];

/** Conditions on claims, one per row; their faults are shown once saving was tried. */
export function Rules({ rules, onChange, examples, isTried }: { rules: DraftRule[]; onChange: (rules: DraftRule[]) => void; examples: Record<string, string>; isTried: boolean }) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const put = (row: number, change: Partial<DraftRule>) => onChange(rules.map((rule, at) => (at === row ? { ...rule, ...change } : rule)));
  const focusRow = (row: number) => requestAnimationFrame(() => list.current?.querySelectorAll<HTMLInputElement>('.rule')[row]?.querySelector('input')?.focus());
  return (
    <fieldset className="field" aria-describedby={`${id}h`}>
      <legend className="label" style={{ marginBottom: 4 }}>{text.rules}</legend>
      <div className="help" id={`${id}h`} style={{ marginBottom: 4 }}>{text.rulesLead} {text.claimHelp}{rules.some(({ operator }) => operator === 'matches') && ` ${text.patternHelp}`}</div>
      <div className="stack tight" ref={list}>
        {rules.map((rule, row) => {
          const fault = isTried ? ruleFault(rule) : undefined;
          const tie = (where: boolean) => (fault !== undefined && where ? { 'aria-invalid': true, 'aria-describedby': `${id}${row}` } : {});
          const name = (what: string) => text.ruleRow(what, row + 1);
          return (
            // Rows have no identity but their place.
            <div key={row} className="field rule">
              <div className="rule-row">
                <input className="input mono" aria-label={name(text.claim)} placeholder="sub" value={rule.claim} spellCheck={false} autoComplete="off" {...tie(fault === 'claim')} onChange={(event) => put(row, { claim: event.target.value })} />
                <select className="input" aria-label={name(text.operator)} value={rule.operator} onChange={(event) => put(row, { operator: event.target.value as Operator })}>
                  {OPERATORS.map((operator) => <option key={operator} value={operator}>{text.operators[operator]}</option>)}
                </select>
                <input
                  className="input mono" aria-label={name(rule.operator === 'one_of' ? text.values : text.value)} placeholder={examples[rule.claim] ?? ''} value={rule.value} spellCheck={false} autoComplete="off"
                  {...tie(fault !== 'claim')} onChange={(event) => put(row, { value: event.target.value })}
                />
                <IconButton icon={X} label={text.removeRule(row + 1)} onClick={() => { onChange(rules.filter((_, at) => at !== row)); focusRow(Math.max(row - 1, 0)); }} />
              </div>
              {fault !== undefined && <FieldError id={`${id}${row}`}>{text.ruleFaults[fault]}</FieldError>}
            </div>
          );
        })}
        {isTried && (rules.length === 0 ? <FieldError>{text.rulesMissing}</FieldError> : !nameWhom(rules) && <FieldError>{text.rulesVague}</FieldError>)}
        <div><Button small icon={Plus} onClick={() => { onChange([...rules, { claim: '', operator: 'equals', value: '' }]); focusRow(rules.length); }}>{text.addRule}</Button></div>
      </div>
    </fieldset>
  );
}

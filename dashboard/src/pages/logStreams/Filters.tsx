// Which events a stream carries, and what of people is veiled in them.
import { useState } from 'react';
import type { LogStream, Pii, PiiField } from '../../api/logStreams';
import { logStreams as words } from '../../text/logStreams';
import { Checkbox, FieldError, RadioCards, ReadOnly, refusal, Section } from '../../ui';
import { SaveBar } from '../../ui/SaveBar';
import { RISKY, useStreamForm, type Part } from './form';
import { useStream } from './useStream';

const text = words.filters;
type Choice = keyof typeof text.choices;
const FIELDS = Object.keys(text.piiFields) as PiiField[];

export default function Filters() {
  const { read } = useStream();
  const form = useStreamForm(read);
  const refused = refusal('update:log_streams');
  const part = { form, disabled: refused !== undefined };
  return (
    <div className="stack">
      <ReadOnly scope="update:log_streams" />
      <div className="sections">
        <Which {...part} />
        <People {...part} />
      </div>
      <SaveBar form={form} risky={RISKY} refused={refused} />
    </div>
  );
}

const categoriesOf = ({ filters }: LogStream) => (filters ?? []).map(({ name }) => name).filter((name) => name !== 'security');

function Which({ form, disabled }: Part) {
  const { draft } = form;
  const chosen = categoriesOf(draft);
  // Nothing chosen yet is told apart from everything only while somebody chooses.
  const [isChoosing, setChoosing] = useState(false);
  const choice: Choice = draft.isPriority === true ? 'security' : chosen.length > 0 || isChoosing ? 'some' : 'all';
  const setChosen = (names: string[]) => form.set('filters', names.length === 0 && form.base.filters === undefined ? undefined : names.map((name) => ({ type: 'category', name })));
  const choose = (next: Choice) => {
    setChoosing(next === 'some');
    if ((next === 'security') !== (form.draft.isPriority === true)) form.set('isPriority', next === 'security');
    if (next === 'security') form.set('filters', form.base.isPriority === true ? form.base.filters : [{ type: 'category', name: 'security' }]);
    else setChosen(next === 'all' ? [] : categoriesOf(form.base));
  };
  const turn = (name: string, isOn: boolean) => {
    setChoosing(true);
    setChosen(Object.keys(text.categories).filter((one) => (one === name ? isOn : chosen.includes(one))));
  };
  return (
    <Section title={text.which} lead={text.whichLead}>
      <RadioCards label={text.choice} column={180} value={choice} onChange={choose} cards={(Object.keys(text.choices) as Choice[]).map((value) => ({ value, title: text.choices[value][0], help: text.choices[value][1], disabled }))} />
      {choice === 'some' && text.groups.map(([group, names]) => (
        <fieldset key={group} className="field">
          <legend className="label" style={{ marginBottom: 4 }}>{group}</legend>
          <div className="grid" style={{ '--column': '220px' } as object}>
            {names.map((name) => <Checkbox key={name} label={<>{text.categories[name]} <code className="muted small">{name}</code></>} checked={chosen.includes(name)} disabled={disabled} onChange={(isOn) => turn(name, isOn)} />)}
          </div>
        </fieldset>
      ))}
      {choice === 'some' && chosen.length === 0 && <FieldError>{text.none}</FieldError>}
    </Section>
  );
}

function People({ form, disabled }: Part) {
  const pii = form.draft.pii_config ?? undefined;
  const fields = pii?.log_fields ?? [];
  const put = (next: Pii | undefined) => form.set('pii_config', next ?? (form.base.pii_config === undefined ? undefined : null));
  const turn = (field: PiiField, isOn: boolean) => {
    const log_fields = FIELDS.filter((one) => (one === field ? isOn : fields.includes(one)));
    put(log_fields.length === 0 ? undefined : { ...(pii ?? { method: 'hash', algorithm: 'xxhash' }), log_fields });
  };
  return (
    <Section title={text.pii} lead={text.piiLead}>
      <fieldset className="field">
        <legend className="label" style={{ marginBottom: 4 }}>{text.veil}</legend>
        <div className="grid" style={{ '--column': '180px' } as object}>
          {FIELDS.map((field) => <Checkbox key={field} label={text.piiFields[field]} checked={fields.includes(field)} disabled={disabled} onChange={(isOn) => turn(field, isOn)} />)}
        </div>
      </fieldset>
      {pii !== undefined && (
        <RadioCards label={text.method} column={220} value={pii.method ?? 'hash'} onChange={(method) => put({ ...pii, method })} cards={(['hash', 'mask'] as const).map((value) => ({ value, title: text.methods[value][0], help: text.methods[value][1], disabled }))} />
      )}
    </Section>
  );
}

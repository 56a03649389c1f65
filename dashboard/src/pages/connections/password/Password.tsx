import type { CharacterType, DatabaseOptions } from '../../../api/connections';
import { connections } from '../../../text/connections';
import { Checkbox, LinesField, Notice, NumberField, RadioCards, ReadOnly, refusal, Section, Switch } from '../../../ui';
import { SaveBar } from '../../../ui/SaveBar';
import { RISKY, setOptions, useConnectionForm, type Part } from '../form';
import { useConnection } from '../useConnection';
import { choiceOf, choose, historyOf, lengthOf, LEVELS, PERSONAL, personalOf, placeOfLength, withComplexity, withHistory, withLength, withPersonal, withWords, wordsOf, type Choice } from './policy';

const text = connections.password;
const CHOICES: Choice[] = [...LEVELS, 'own'];
const KINDS: CharacterType[] = ['lowercase', 'uppercase', 'number', 'special'];
/** How many former passwords are remembered where nobody has said. */
const USUAL_HISTORY = 5;
const LEAST_ADVISED = 8;

export default function Password() {
  const { read } = useConnection();
  const form = useConnectionForm(read);
  const refused = refusal('update:connections');
  const part = { form, disabled: refused !== undefined, options: form.draft.options ?? {} };
  return (
    <div className="stack">
      <ReadOnly scope="update:connections" />
      <div className="sections">
        <Strength {...part} />
        <History {...part} />
        <Dictionary {...part} />
        <Personal {...part} />
      </div>
      <SaveBar form={form} risky={RISKY} refused={refused} />
    </div>
  );
}

type Rules = Part & { options: DatabaseOptions };

function Strength({ form, disabled, options }: Rules) {
  const choice = choiceOf(options);
  const length = lengthOf(options);
  const { path, most } = placeOfLength(options);
  return (
    <Section title={text.strength} lead={text.strengthLead}>
      <RadioCards label={text.choice} column={200} value={choice} onChange={(choice) => setOptions(form, (options) => choose(options, choice))} cards={CHOICES.map((value) => ({ value, title: text.choices[value]![0], help: text.choices[value]![1], disabled }))} />
      <NumberField label={text.length} help={text.lengthHelp(most)} disabled={disabled} value={length} onChange={(length) => setOptions(form, (options) => withLength(options, length))} error={form.errorOf(path)} />
      {length < LEAST_ADVISED && <Notice kind="warning">{text.weak}</Notice>}
      {choice === 'own' && <OwnRules form={form} disabled={disabled} options={options} />}
    </Section>
  );
}

function OwnRules({ form, disabled, options }: Rules) {
  const complexity = options.password_options?.complexity ?? {};
  const kinds = complexity.character_types ?? [];
  const isThree = complexity.character_type_rule === 'three_of_four';
  const set = (change: Parameters<typeof withComplexity>[1]) => setOptions(form, (options) => withComplexity(options, change));
  return (
    <>
      <fieldset className="field">
        <legend className="label" style={{ marginBottom: 4 }}>{text.kinds}</legend>
        {KINDS.map((kind) => (
          <Checkbox key={kind} label={text.kindNames[kind]} disabled={disabled || isThree} checked={isThree || kinds.includes(kind)} onChange={(isOn) => set({ character_types: KINDS.filter((one) => (one === kind ? isOn : kinds.includes(one))) })} />
        ))}
      </fieldset>
      <RadioCards
        label={text.rule} column={200} value={isThree ? 'three_of_four' : 'all'} cards={(['all', 'three_of_four'] as const).map((value) => ({ value, title: text.rules[value], disabled }))}
        onChange={(rule) => set({ character_type_rule: rule, ...(rule === 'three_of_four' && { character_types: KINDS }) })}
      />
      <Switch label={text.identical} disabled={disabled} checked={complexity.identical_characters === 'block'} onChange={(isOn) => set({ identical_characters: isOn ? 'block' : 'allow' })} />
      <Switch label={text.sequential} disabled={disabled} checked={complexity.sequential_characters === 'block'} onChange={(isOn) => set({ sequential_characters: isOn ? 'block' : 'allow' })} />
    </>
  );
}

function History({ form, disabled, options }: Rules) {
  const size = historyOf(options);
  const kept = options.password_options?.history?.size ?? options.password_history?.size;
  const usual = kept === undefined || Number.isNaN(kept) || kept === 0 ? USUAL_HISTORY : kept;
  return (
    <Section title={text.history} lead={text.historyLead}>
      <Switch label={text.historyOn} disabled={disabled} checked={size !== 0} onChange={(isOn) => setOptions(form, (options) => withHistory(options, isOn, usual))} />
      {size !== 0 && <NumberField label={text.historySize} disabled={disabled} value={size} onChange={(size) => setOptions(form, (options) => withHistory(options, true, size === 0 ? Number.NaN : size))} error={form.errorOf('options.password_history.size')} />}
    </Section>
  );
}

function Dictionary({ form, disabled, options }: Rules) {
  const words = wordsOf(options);
  const kept = words ?? options.password_options?.dictionary?.custom ?? options.password_dictionary?.dictionary ?? [];
  return (
    <Section title={text.dictionary} lead={text.dictionaryLead}>
      <Switch label={text.dictionaryOn} help={text.dictionaryHelp} disabled={disabled} checked={words !== undefined} onChange={(isOn) => setOptions(form, (options) => withWords(options, isOn, kept))} />
      {words !== undefined && <LinesField label={text.words} help={text.wordsHelp} rows={4} disabled={disabled} value={words} onChange={(words) => setOptions(form, (options) => withWords(options, true, words))} error={form.errorOf('options.password_dictionary.dictionary')} />}
    </Section>
  );
}

function Personal({ form, disabled, options }: Rules) {
  const fields = personalOf(options);
  const kept = fields ?? options.password_options?.profile_data?.blocked_fields ?? PERSONAL;
  return (
    <Section title={text.personal} lead={text.personalLead}>
      <Switch label={text.personalOn} help={text.personalHelp} disabled={disabled} checked={fields !== undefined} onChange={(isOn) => setOptions(form, (options) => withPersonal(options, isOn, kept))} />
      {fields !== undefined && <LinesField label={text.fields} help={text.fieldsHelp} rows={4} disabled={disabled} value={fields} onChange={(fields) => setOptions(form, (options) => withPersonal(options, true, fields))} error={form.errorOf('options.password_options.profile_data.blocked_fields')} />}
    </Section>
  );
}

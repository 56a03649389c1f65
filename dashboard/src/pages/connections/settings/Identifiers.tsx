import type { Attribute, DatabaseOptions, Identifier, SignupStatus } from '../../../api/connections';
import { valueAt } from '../../../lib/diff';
import { connections } from '../../../text/connections';
import { Checkbox, FieldError, Notice, NumberField, RadioCards, Section, Select, Switch } from '../../../ui';
import { IDENTIFIERS, setOptions, type Part } from '../form';

const text = connections.settings;

/** What an attribute begins as that people are to be known by. */
const KNOWN: Attribute = { identifier: { active: true }, signup: { status: 'required' } };
const UNKNOWN: Attribute = { identifier: { active: false }, signup: { status: 'inactive' } };

/** The same people, known by attributes: nobody loses what they log in with. */
function byAttributes({ requires_username: hasUsername, validation, ...options }: DatabaseOptions): DatabaseOptions {
  const { min, max } = validation?.username ?? {};
  const lengths = validation?.username && { validation: { min_length: min ?? 1, max_length: max ?? 15 } };
  return { ...options, requires_username: false, attributes: { email: KNOWN, username: { ...(hasUsername === true ? KNOWN : UNKNOWN), ...lengths }, phone_number: UNKNOWN } };
}

function byEmail({ attributes, ...options }: DatabaseOptions): DatabaseOptions {
  return { ...options, requires_username: attributes?.username?.identifier?.active === true };
}

export function Identifiers({ form, disabled }: Part) {
  const { draft, base } = form;
  const options = draft.options ?? {};
  const way = options.attributes === undefined ? 'email' : 'attributes';
  const choose = (wanted: 'email' | 'attributes') => {
    const isBack = (base.options?.attributes === undefined ? 'email' : 'attributes') === wanted;
    if (wanted === way) return;
    setOptions(form, (options) => {
      if (!isBack) return wanted === 'attributes' ? byAttributes(options) : byEmail(options);
      const { attributes: _, requires_username: __, validation: ___, ...rest } = options;
      const { attributes, requires_username, validation } = base.options ?? {};
      return { ...rest, ...(attributes && { attributes }), ...(requires_username !== undefined && { requires_username }), ...(validation && { validation }) };
    });
  };
  return (
    <Section title={text.identifiers} lead={text.identifiersLead}>
      <RadioCards label={text.ways} column={240} value={way} onChange={choose} cards={(['email', 'attributes'] as const).map((value) => ({ value, title: text.wayCards[value]![0], help: text.wayCards[value]![1], disabled }))} />
      {way === 'email' ? <UserName form={form} disabled={disabled} /> : <Attributes form={form} disabled={disabled} />}
      {form.changes.some(({ path }) => /^options\.(attributes|requires_username)/.test(path)) && <Notice kind="warning" live>{text.lockout}</Notice>}
    </Section>
  );
}

function UserName({ form, disabled }: Part) {
  const { requires_username: isOn, validation } = form.draft.options ?? {};
  return (
    <>
      <Switch label={text.username} help={text.usernameHelp} disabled={disabled} checked={isOn === true} onChange={(isOn) => form.set('options.requires_username', isOn)} />
      {isOn === true && <Lengths form={form} disabled={disabled} path="options.validation.username" names={['min', 'max']} values={[validation?.username?.min ?? 1, validation?.username?.max ?? 15]} />}
    </>
  );
}

function Lengths({ form, disabled, path, names, values }: Part & { path: string; names: [string, string]; values: [number, number] }) {
  // Both are written, so that neither depends on what stands for nothing.
  const set = (at: number) => (value: number) => form.set(path, { ...(valueAt(form.draft, path) as object | undefined), [names[0]]: values[0], [names[1]]: values[1], [names[at]!]: value });
  return (
    <fieldset className="field">
      <legend className="label" style={{ marginBottom: 4 }}>{text.usernameLength}</legend>
      <div className="row loose">
        <NumberField label={text.least} disabled={disabled} value={values[0]} onChange={set(0)} />
        <NumberField label={text.most} disabled={disabled} value={values[1]} onChange={set(1)} />
      </div>
      {form.errorOf(path) !== undefined && <FieldError>{form.errorOf(path)}</FieldError>}
    </fieldset>
  );
}

function Attributes({ form, disabled }: Part) {
  return (
    <>
      {IDENTIFIERS.map((name) => <OneAttribute key={name} form={form} disabled={disabled} name={name} />)}
      {form.errorOf('options.attributes') !== undefined && <FieldError>{form.errorOf('options.attributes')}</FieldError>}
    </>
  );
}

function OneAttribute({ form, disabled, name }: Part & { name: Identifier }) {
  const label = text.attributes[name];
  const path = `options.attributes.${name}`;
  const attribute = form.draft.options?.attributes?.[name] ?? {};
  const types = attribute.validation?.allowed_types;
  const setStatus = (status: SignupStatus) => {
    form.set(`${path}.signup.status`, status);
    // The server takes nothing as required that sign-ups may leave out.
    if (status !== 'required' && attribute.profile_required === true) form.set(`${path}.profile_required`, false);
  };
  const isUsed = attribute.identifier?.active === true || (attribute.signup?.status ?? 'inactive') !== 'inactive';
  return (
    <fieldset className="well stack tight">
      <legend className="sr">{label}</legend>
      <h3 aria-hidden>{label}</h3>
      <Checkbox label={text.identifies} disabled={disabled} checked={attribute.identifier?.active === true} onChange={(isOn) => form.set(`${path}.identifier.active`, isOn)} />
      <Select
        label={<>{text.signup}<span className="sr">: {label}</span></>} disabled={disabled} value={attribute.signup?.status ?? 'inactive'} onChange={setStatus}
        options={(['required', 'optional', 'inactive'] as const).map((value) => ({ value, label: text.signupChoices[value] }))}
      />
      {name === 'username' && isUsed && (
        <>
          <Lengths form={form} disabled={disabled} path={`${path}.validation`} names={['min_length', 'max_length']} values={[attribute.validation?.min_length ?? 1, attribute.validation?.max_length ?? 15]} />
          <fieldset className="field">
            <legend className="label" style={{ marginBottom: 4 }}>{text.mayLookLike}</legend>
            <Checkbox label={text.anAddress} disabled={disabled} checked={types?.email === true} onChange={(isOn) => form.set(`${path}.validation.allowed_types.email`, isOn)} />
            <Checkbox label={text.aNumber} disabled={disabled} checked={types?.phone_number === true} onChange={(isOn) => form.set(`${path}.validation.allowed_types.phone_number`, isOn)} />
            <p className="help">{text.mayLookLikeHelp}</p>
          </fieldset>
        </>
      )}
    </fieldset>
  );
}

// The form of a database connection. All its tabs edit one draft, because its options are saved as a whole.
import { connectionQuery, updateConnection, type Connection, type DatabaseOptions, type Identifier } from '../../api/connections';
import type { Versioned } from '../../api/http';
import { queryClient } from '../../api/query';
import { connections as text } from '../../text/connections';
import { ui } from '../../text/ui';
import { pairsFault } from '../../ui';
import { useForm, type Form } from '../../ui/useForm';
import { historyOf, lengthOf, personalOf, placeOfLength, wordsOf } from './password/policy';

export type ConnectionForm = Form<Connection>;

/** What a tab gets: the form, and whether it may only be looked at. */
export type Part = { form: ConnectionForm; disabled: boolean };

/** What a production tenant looks at twice. */
export const RISKY = [
  'is_domain_connection', 'authentication.active', 'options.disable_signup', 'options.disable_sign_in', 'options.brute_force_protection', 'options.passwordPolicy',
  'options.enabledDatabaseCustomization', 'options.import_mode', 'options.customScripts.login',
];

export const IDENTIFIERS: Identifier[] = ['email', 'username', 'phone_number'];
const MOST_CODE = 102_400;

export const draftOf = (id: string) => `connections/${id}`;

const isWhole = (value: number | undefined, least: number, most: number) => value === undefined || (Number.isInteger(value) && value >= least && value <= most);
const listFault = (lines: string[] | undefined, most: number, length: number, fault: string) =>
  lines !== undefined && (lines.length > most || lines.some((line) => [...line].length > length)) ? fault : undefined;

function check({ display_name, realms, metadata, options = {} }: Connection, base: Connection): Record<string, string | undefined> {
  const { password } = text;
  const length = placeOfLength(options);
  const history = historyOf(options);
  return {
    display_name: [...(display_name ?? '')].length > 128 ? ui.tooLong(128) : display_name === '' && base.display_name !== undefined ? ui.nameMissing : undefined,
    realms: listFault(realms, 100, 255, text.settings.realmsBad),
    metadata: pairsFault(metadata),
    'options.validation.username': lengthsFault(options.validation?.username?.min, options.validation?.username?.max),
    'options.attributes.username.validation': lengthsFault(options.attributes?.username?.validation?.min_length, options.attributes?.username?.validation?.max_length),
    'options.attributes': options.attributes !== undefined && !IDENTIFIERS.some((name) => options.attributes?.[name]?.identifier?.active === true) ? text.settings.noIdentifier : undefined,
    [length.path]: isWhole(lengthOf(options), 1, length.most) ? undefined : password.lengthBad(length.most),
    'options.password_history.size': history === 0 || isWhole(history, 1, 24) ? undefined : password.historyBad,
    'options.password_dictionary.dictionary': listFault(wordsOf(options), 200, 50, password.wordsBad),
    'options.password_options.profile_data.blocked_fields': listFault(personalOf(options), 12, 100, password.fieldsBad),
    ...Object.fromEntries(Object.entries(options.customScripts ?? {}).map(([name, code]) => [`options.customScripts.${name}`, code.length > MOST_CODE ? ui.tooLong(MOST_CODE) : undefined])),
  };
}

/** Both or one of a least and a greatest length. */
function lengthsFault(least: number | undefined, most: number | undefined): string | undefined {
  return isWhole(least, 1, 128) && isWhole(most, 1, 128) && (least ?? 1) <= (most ?? 128) ? undefined : text.settings.lengthBad;
}

/** Scripts of nothing are not sent. */
function clean({ customScripts: scripts, ...options }: DatabaseOptions): DatabaseOptions {
  return { ...options, ...(scripts && { customScripts: Object.fromEntries(Object.entries(scripts).filter(([, code]) => code.trim() !== '')) }) };
}

export function useConnectionForm(read: Versioned<Connection>): ConnectionForm {
  const { id } = read.value;
  return useForm<Connection>({
    key: draftOf(id),
    history: { kind: 'connections', id },
    read,
    within: `/connections/${id}`,
    path: `/api/v2/connections/${id}`,
    labels: text.fields,
    check: (draft) => check(draft, read.value),
    reload: () => queryClient.fetchQuery({ ...connectionQuery(id), staleTime: 0 }),
    save: (patch, etag) => updateConnection(id, { ...patch, ...('options' in patch && { options: clean(patch['options'] as DatabaseOptions) }) }, etag),
  });
}

/** Changes several options in one step. */
export const setOptions = (form: ConnectionForm, change: (options: DatabaseOptions) => DatabaseOptions) => form.set('options', change(form.draft.options ?? {}));

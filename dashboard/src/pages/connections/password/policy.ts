// Which passwords a database takes. Its options say it twice, in older and in newer words; these functions say it once.
// They follow `idp/src/password/policy.rs`.
import type { Complexity, DatabaseOptions, Level } from '../../../api/connections';

/** One of the older levels, or rules of one's own in the newer words. */
export type Choice = Level | 'own';

export const LEVELS: Level[] = ['none', 'low', 'fair', 'good', 'excellent'];
export const LENGTHS: Record<Level, number> = { none: 1, low: 6, fair: 8, good: 8, excellent: 10 };

/** What the newer words say where nobody says anything; beside the older ones it counts for nothing. */
export const USUAL: Required<Complexity> = { min_length: 15, character_types: [], character_type_rule: 'all', identical_characters: 'allow', sequential_characters: 'allow' };

const isUsual = (complexity: Complexity) =>
  (complexity.min_length ?? USUAL.min_length) === USUAL.min_length && (complexity.character_types ?? []).length === 0 &&
  complexity.character_type_rule !== 'three_of_four' && complexity.identical_characters !== 'block' && complexity.sequential_characters !== 'block';

/** Which of them is in force. */
export function choiceOf(options: DatabaseOptions): Choice {
  const newer = options.password_options?.complexity;
  const hasOlder = options.passwordPolicy !== undefined || options.password_complexity_options !== undefined;
  return newer !== undefined && (!hasOlder || !isUsual(newer)) ? 'own' : (options.passwordPolicy ?? 'none');
}

/** The least length in force. */
export function lengthOf(options: DatabaseOptions): number {
  const choice = choiceOf(options);
  if (choice === 'own') return options.password_options?.complexity?.min_length ?? USUAL.min_length;
  return options.password_complexity_options?.min_length ?? LENGTHS[choice];
}

/** Where it is written, and the longest that may be asked for there. */
export const placeOfLength = (options: DatabaseOptions): { path: string; most: number } =>
  choiceOf(options) === 'own' ? { path: 'options.password_options.complexity.min_length', most: 72 } : { path: 'options.password_complexity_options.min_length', most: 128 };

/** Puts another one in force. The other words are taken back, so that they cannot say something else. */
export function choose(options: DatabaseOptions, choice: Choice): DatabaseOptions {
  const { password_complexity_options: _, passwordPolicy: __, ...rest } = options;
  if (choice === 'own') {
    const complexity = choiceOf(options) === 'own' ? {} : USUAL;
    return { ...rest, password_options: { ...options.password_options, complexity: { ...options.password_options?.complexity, ...complexity } } };
  }
  const newer = options.password_options === undefined ? {} : { password_options: { ...options.password_options, complexity: { ...options.password_options.complexity, ...USUAL } } };
  return { ...rest, passwordPolicy: choice, ...newer };
}

export function withLength(options: DatabaseOptions, length: number): DatabaseOptions {
  const choice = choiceOf(options);
  if (choice === 'own') return withComplexity(options, { min_length: length });
  if (length !== LENGTHS[choice]) return { ...options, password_complexity_options: { min_length: length } };
  const { password_complexity_options: _, ...rest } = options;
  return { ...rest, passwordPolicy: choice };
}

export const withComplexity = (options: DatabaseOptions, change: Complexity): DatabaseOptions => ({
  ...options, password_options: { ...options.password_options, complexity: { ...options.password_options?.complexity, ...change } },
});

// The newer words, filled in by the server, would take the place of older ones that are not there.
const newerOf = (options: DatabaseOptions) =>
  options.password_options === undefined && options.passwordPolicy === undefined ? { passwordPolicy: 'none' as const } : {};

/** How many former passwords may not be chosen again; 0 if none is remembered. */
export function historyOf({ password_options: newer, password_history: older }: DatabaseOptions): number {
  if (newer?.history?.active === true) return newer.history.size ?? 5;
  return older?.enable === true ? (older.size ?? 5) : 0;
}

export const withHistory = (options: DatabaseOptions, isOn: boolean, size: number): DatabaseOptions => ({
  ...options, ...newerOf(options),
  password_history: { enable: isOn, size },
  password_options: { ...options.password_options, history: { active: isOn, size } },
});

/** The words that may not be chosen beside the common ones; nothing if none is refused. */
export function wordsOf({ password_options: newer, password_dictionary: older }: DatabaseOptions): string[] | undefined {
  if (newer?.dictionary?.active === true) return newer.dictionary.custom ?? [];
  return older?.enable === true ? (older.dictionary ?? []) : undefined;
}

export const withWords = (options: DatabaseOptions, isOn: boolean, words: string[]): DatabaseOptions => ({
  ...options, ...newerOf(options),
  password_dictionary: { enable: isOn, dictionary: words },
  password_options: { ...options.password_options, dictionary: { ...options.password_options?.dictionary, active: isOn, custom: words } },
});

/** What of a person is looked for in a password where nobody says. */
export const PERSONAL = ['name', 'username', 'nickname', 'email', 'phone_number', 'user_metadata.name', 'user_metadata.first', 'user_metadata.last'];

/** What of a person is looked for in their password; nothing if that is not done. */
export function personalOf({ password_options: newer, password_no_personal_info: older }: DatabaseOptions): string[] | undefined {
  if (newer?.profile_data?.active === true) return newer.profile_data.blocked_fields ?? PERSONAL;
  return older?.enable === true ? PERSONAL : undefined;
}

export const withPersonal = (options: DatabaseOptions, isOn: boolean, fields: string[]): DatabaseOptions => ({
  ...options, ...newerOf(options),
  password_no_personal_info: { enable: isOn },
  password_options: { ...options.password_options, profile_data: { active: isOn, blocked_fields: fields } },
});

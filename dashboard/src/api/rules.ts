// Rules: what ran when somebody logged in before there were actions, and the settings that all of them share.
import { queryOptions } from '@tanstack/react-query';
import { createdAction, type Action, type Tried } from './actions';
import { get, patch, post, put, read, remove, type Versioned } from './http';
import { gone, queryClient, stale } from './query';
import { whole } from './whole';

export type Rule = { id: string; name: string; script: string; enabled: boolean; order: number; stage: string };

type Json = Record<string, unknown>;

/** What a rule came to: what it called back, whom it refused, or what was wrong. */
export type TriedRule = { user?: Json; context?: Json; denied?: string } & Pick<Tried, 'error' | 'logs' | 'stats'>;

/** The action that a rule would become, and what of the rule does not come along. */
export type AsAction = { name: string; code: string; secrets: string[]; untranslated: { name: string; message: string }[] };

const RULES = '/api/v2/rules';
const OURS = '/api/x/rules';
const SETTINGS = '/api/v2/rules-configs';
const LIST = ['rules', 'list'];
const one = (base: string, id: string) => `${base}/${encodeURIComponent(id)}`;

/** All of them, in the order in which they run. */
export const rulesQuery = () =>
  queryOptions({
    queryKey: LIST,
    queryFn: ({ signal }) => whole<Rule>(RULES, 'rules', signal),
  });

export const readRule = (id: string, signal?: AbortSignal): Promise<Versioned<Rule>> => read<Rule>(one(RULES, id), undefined, signal);

export const ruleQuery = (id: string) => queryOptions({ queryKey: ['rules', 'one', id], queryFn: ({ signal }) => readRule(id, signal) });

export async function createRule(body: Pick<Rule, 'name' | 'script' | 'enabled'> & Partial<Rule>): Promise<Rule> {
  const made = await post<Rule>(RULES, body);
  await stale('rules');
  return made;
}

export async function saveRule(id: string, body: unknown, etag: string | null): Promise<Versioned<Rule>> {
  const saved = await patch<Rule>(one(RULES, id), body, { etag });
  await stale('rules');
  return saved;
}

/** Seen in the list at once, and taken back where the server refuses. */
export async function enableRule(id: string, enabled: boolean): Promise<void> {
  queryClient.setQueryData<Rule[]>(LIST, (rules) => rules?.map((rule) => (rule.id === id ? { ...rule, enabled } : rule)));
  try {
    await patch(one(RULES, id), { enabled });
  } finally {
    await stale('rules');
  }
}

export async function removeRule(id: string): Promise<void> {
  await remove(one(RULES, id));
  await gone(id, 'rules');
}

export async function orderRules(ids: string[]): Promise<void> {
  try {
    await put(`${OURS}/order`, { rules: ids });
  } finally {
    await stale('rules');
  }
}

export const tryRule = (body: { script: string; user: Json; context: Json }): Promise<TriedRule> => post(`${OURS}/try`, body);

export const asActionQuery = (id: string) =>
  queryOptions({ queryKey: ['rules', 'action', id], queryFn: ({ signal }) => get<AsAction>(`${one(OURS, id)}/action`, undefined, signal), staleTime: 0 });

export const turnIntoAction = async (id: string, name: string): Promise<Action> => createdAction(await post<Action>(`${one(OURS, id)}/action`, { name }));

export const settingsQuery = () =>
  queryOptions({ queryKey: ['rules-configs'], queryFn: ({ signal }) => get<{ key: string }[]>(SETTINGS, undefined, signal) });

export async function saveSetting(key: string, value: string): Promise<void> {
  await put(one(SETTINGS, key), { value });
  await stale('rules-configs');
}

export async function removeSetting(key: string): Promise<void> {
  await remove(one(SETTINGS, key));
  await stale('rules-configs');
}

// Rules over the claims of an outside issuer's tokens: what they mean, and where to begin.
import type { Operator, Rule } from '../api/federation';

/** A rule as it is typed: a list is one line with commas. */
export type DraftRule = { claim: string; operator: Operator; value: string };

export type RuleFault = 'claim' | 'value' | 'wide' | 'plain';

export const valuesOf = (value: string | string[]): string[] =>
  (Array.isArray(value) ? value : value.split(',')).map((one) => one.trim()).filter((one) => one !== '');

export const draftOf = ({ claim, operator, value }: Rule): DraftRule => ({ claim, operator, value: Array.isArray(value) ? value.join(', ') : value });

export const ruleOf = ({ claim, operator, value }: DraftRule): Rule =>
  ({ claim: claim.trim(), operator, value: operator === 'one_of' ? valuesOf(value) : value.trim() });

/** What keeps a rule from being one. */
export function ruleFault({ claim, operator, value }: DraftRule): RuleFault | undefined {
  if (claim.trim() === '') return 'claim';
  if (valuesOf(value).length === 0) return 'value';
  if (operator !== 'matches') return undefined;
  const pattern = value.trim();
  return !pattern.includes('*') ? 'plain' : pattern.startsWith('*') || pattern.includes('**') ? 'wide' : undefined;
}

// By these an issuer that anybody may use tells its users apart; the server wants a rule on one of them.
const IDENTIFYING = ['sub', 'repository', 'repository_id', 'repository_owner', 'repository_owner_id', 'project_path', 'project_id', 'namespace_path', 'namespace_id'];

/** Whether the rules say whose tokens are meant. */
export const nameWhom = (rules: DraftRule[]): boolean => rules.some(({ claim }) => IDENTIFYING.includes(claim.trim().replace(/^\/+/, '')));

/** Whether a text is a set of public keys. */
export function readKeys(text: string): { keys: Record<string, unknown>[] } | undefined {
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown };
    const arePublic = Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === 'object' && key !== null && 'kty' in key && !('d' in key) && !('k' in key));
    return arePublic ? { keys: keys as Record<string, unknown>[] } : undefined;
  } catch {
    return undefined;
  }
}

export type Preset = 'github' | 'gitlab' | 'kubernetes' | 'spiffe' | 'other';

const equals = (claim: string, value: string): DraftRule => ({ claim, operator: 'equals', value });

/** What the tokens of each look like; what only the reader can know is left empty. */
export const PRESETS: Record<Preset, { name: string; issuer: string; placeholder: string; rules: DraftRule[]; examples: Record<string, string> }> = {
  github: {
    name: 'GitHub Actions', issuer: 'https://token.actions.githubusercontent.com', placeholder: '',
    rules: [equals('repository', ''), equals('ref', 'refs/heads/main')], examples: { repository: 'acme/orders', repository_id: '123456789', environment: 'production' },
  },
  gitlab: {
    name: 'GitLab', issuer: 'https://gitlab.com', placeholder: 'https://gitlab.example',
    rules: [equals('project_path', ''), equals('ref', 'main'), equals('ref_protected', 'true')], examples: { project_path: 'acme/orders' },
  },
  kubernetes: {
    name: 'Kubernetes', issuer: '', placeholder: 'https://kubernetes.default.svc.cluster.local',
    rules: [equals('sub', '')], examples: { sub: 'system:serviceaccount:shop:orders' },
  },
  spiffe: {
    name: 'SPIFFE', issuer: '', placeholder: 'https://oidc.spiffe.example',
    rules: [equals('sub', '')], examples: { sub: 'spiffe://acme.example/ns/shop/sa/orders' },
  },
  other: { name: '', issuer: '', placeholder: 'https://issuer.example', rules: [equals('sub', '')], examples: {} },
};

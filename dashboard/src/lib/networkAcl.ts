// A network rule as the page shows and edits it; what the page does not know of it is kept.
import type { NetworkAcl, NetworkMatch } from '../api/limits';
import { versionOf } from './addresses.ts';

export type AclAction = 'block' | 'allow' | 'log' | 'redirect';
export type AclWho = 'match' | 'not_match' | 'all';

const ACTIONS: AclAction[] = ['block', 'allow', 'redirect', 'log'];
const KNOWN = ['ipv4_cidrs', 'ipv6_cidrs', 'user_agents'];

export const actionOf = ({ action }: NetworkAcl['rule']): AclAction => ACTIONS.find((name) => action[name] === true) ?? 'log';

export const whoOf = ({ match, not_match: others }: NetworkAcl['rule']): AclWho => (match !== undefined ? 'match' : others !== undefined ? 'not_match' : 'all');

export const signalsOf = (rule: NetworkAcl['rule']): NetworkMatch => rule.match ?? rule.not_match ?? {};

export const networksOf = ({ ipv4_cidrs: four, ipv6_cidrs: six }: NetworkMatch): string[] => [...(four ?? []), ...(six ?? [])];

/** What a rule looks at that the page cannot show. */
export const otherSignals = (signals: NetworkMatch): string[] => Object.keys(signals).filter((name) => !KNOWN.includes(name));

/** The signals with other networks and agents. */
export function withSignals(old: NetworkMatch, networks: string[], agents: string[]): NetworkMatch {
  const kept = Object.fromEntries(Object.entries(old).filter(([name]) => !KNOWN.includes(name)));
  const of = (version: 4 | 6) => networks.filter((network) => versionOf(network) === version);
  const lists = { ipv4_cidrs: of(4), ipv6_cidrs: of(6), user_agents: agents };
  return { ...kept, ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) };
}

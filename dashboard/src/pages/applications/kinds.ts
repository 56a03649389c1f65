// The kinds of application, in words and icons.
import type { Client } from '../../api/clients';
import { applications } from '../../text/applications';
import { AppWindow, Box, Globe, Server, Smartphone, Terminal, type LucideIcon } from '../../ui/icons';

export type Kind = 'non_interactive' | 'regular_web' | 'spa' | 'native';

export const KINDS: Kind[] = ['non_interactive', 'regular_web', 'spa', 'native'];

const ICONS: Record<Kind, LucideIcon> = { non_interactive: Terminal, regular_web: Server, spa: Globe, native: Smartphone };

export const isKind = (type: string | undefined): type is Kind => KINDS.includes(type as Kind);
export const kindIcon = (type: string | undefined): LucideIcon => (isKind(type) ? ICONS[type] : type === undefined ? Box : AppWindow);
export const kindName = (type: string | undefined): string => (isKind(type) ? applications.types[type] : applications.types.other);

/** What people type for a kind: `type:m2m`. */
const SHORT: Record<string, Kind> = { m2m: 'non_interactive', machine: 'non_interactive', web: 'regular_web', spa: 'spa', native: 'native' };

/** Whether an application fits a filter of words and `type:` clauses, all of which must hold. */
export function fits(client: Pick<Client, 'name' | 'client_id' | 'app_type' | 'description'>, q: string): boolean {
  const haystack = `${client.name} ${client.client_id} ${client.description ?? ''}`.toLowerCase();
  return q.toLowerCase().split(/\s+/).filter(Boolean).every((word) => {
    const type = word.match(/^type:(.*)$/)?.[1];
    if (type === undefined) return haystack.includes(word);
    return type === '' || client.app_type === (SHORT[type] ?? type);
  });
}

/** Machine to Machine and Regular Web have a backend that can be believed. */
export const hasBackend = (client: Client): boolean => client.app_type === 'non_interactive' || client.app_type === 'regular_web' || !isKind(client.app_type);

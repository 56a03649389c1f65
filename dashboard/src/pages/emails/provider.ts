// What each service needs to know, and what keeps a provider from being saved.
import type { Provider, ProviderName } from '../../api/emails';
import { emails } from '../../text/emails';

const text = emails.provider;

type Needed = { name: string; secret?: true; optional?: true };

/** By service; what is secret is never read, so it is typed again when anything beside it changes. */
export const NEEDED: Record<ProviderName, Needed[]> = {
  smtp: [{ name: 'smtp_host' }, { name: 'smtp_port' }, { name: 'smtp_user', optional: true }, { name: 'smtp_pass', secret: true, optional: true }],
  sendgrid: [{ name: 'api_key', secret: true }],
  mailgun: [{ name: 'domain' }, { name: 'region', optional: true }, { name: 'api_key', secret: true }],
  sparkpost: [{ name: 'region', optional: true }, { name: 'api_key', secret: true }],
  mandrill: [{ name: 'api_key', secret: true }],
  resend: [{ name: 'api_key', secret: true }],
};

export const isServed = (name: string): name is ProviderName => name in NEEDED;

const given = (provider: Provider) => Object.fromEntries(Object.entries(provider.credentials ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== ''));

/** Whether what lets the server in would be stored anew. */
const isAnew = (draft: Provider, stored: Provider) => draft.name !== stored.name || JSON.stringify(given(draft)) !== JSON.stringify(given(stored));

export function faultsOf(draft: Provider, stored: Provider): Record<string, string | undefined> {
  if (!isServed(draft.name)) return {};
  const credentials = given(draft);
  const faults: Record<string, string | undefined> = {};
  const anew = isAnew(draft, stored);
  for (const { name, secret, optional } of NEEDED[draft.name]) {
    const path = `credentials.${name}`;
    const isSecretOfUser = name === 'smtp_pass' && credentials['smtp_user'] !== undefined;
    if (name in credentials || !anew) continue;
    if (optional !== true || isSecretOfUser) faults[path] = secret === true && stored.name === draft.name ? text.again : text.missing;
  }
  const port = credentials['smtp_port'];
  if (draft.name === 'smtp' && port !== undefined && !(Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535)) faults['credentials.smtp_port'] = text.portBad;
  const from = draft.default_from_address ?? '';
  if (from !== '' && !/^[^@<>]+@[^@<>\s]+$|<[^@<>\s]+@[^@<>\s]+>$/.test(from.trim())) faults['default_from_address'] = text.fromBad;
  return faults;
}

/** The body that stores it: credentials as a whole, and only those of this service. */
export function bodyOf(patch: Partial<Provider>, draft: Provider, stored: Provider): Partial<Provider> {
  const { credentials: _, ...rest } = patch;
  if (!isServed(draft.name) || !isAnew(draft, stored)) return rest;
  const known = NEEDED[draft.name].map(({ name }) => name);
  return { ...rest, ...(draft.name !== stored.name && { name: draft.name }), credentials: Object.fromEntries(Object.entries(given(draft)).filter(([name]) => known.includes(name))) };
}

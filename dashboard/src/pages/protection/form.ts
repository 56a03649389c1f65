// The protections as one form, each saved at its own address.
import type { Versioned } from '../../api/http';
import { protectionQuery, updateProtection, type ProtectionName, type Protections } from '../../api/protection';
import { queryClient } from '../../api/query';
import { wrongAddress } from '../../lib/addresses';
import { protection as text } from '../../text/protection';
import { durationFault } from '../../ui/DurationField';
import { useForm, type Form } from '../../ui/useForm';

export type ProtectionForm = Form<Protections>;

export const NAMES: ProtectionName[] = ['brute-force-protection', 'suspicious-ip-throttling', 'breached-password-detection', 'bot-detection'];

/** One object of all, whose version is that of each. */
export const together = (reads: Versioned<unknown>[]): Versioned<Protections> => ({
  value: Object.fromEntries(NAMES.map((name, place) => [name, reads[place]!.value])) as Protections,
  etag: JSON.stringify(reads.map(({ etag }) => etag)),
});

const pathOf = (name: string) => `/api/v2/attack-protection/${name}`;

export function useProtectionForm(read: Versioned<Protections>): ProtectionForm {
  const reload = async () => together(await Promise.all(NAMES.map((name) => queryClient.fetchQuery({ ...(protectionQuery(name) as object), queryKey: ['protection', name], staleTime: 0 }) as Promise<Versioned<unknown>>)));
  return useForm<Protections>({
    key: 'attack-protection',
    read,
    within: '/attack-protection',
    path: pathOf(''),
    labels: text.fields,
    check,
    requests: (body) => Object.entries(body).map(([name, body]) => ({ path: pathOf(name), body })),
    save: async (patch, etag) => {
      const etags = JSON.parse(etag ?? '[]') as (string | null)[];
      for (const [name, body] of Object.entries(patch)) {
        await updateProtection(name as ProtectionName, clean(body as Record<string, unknown>), etags[NAMES.indexOf(name as ProtectionName)] ?? null);
      }
      return reload();
    },
    reload,
  });
}

/** An empty last line is one that somebody is about to fill in. */
const clean = (body: Record<string, unknown>) =>
  Array.isArray(body['allowlist']) ? { ...body, allowlist: body['allowlist'].filter((line) => line !== '') } : body;

function check(draft: Protections): Record<string, string | undefined> {
  const { 'brute-force-protection': brute, 'suspicious-ip-throttling': suspicious } = draft;
  const login = suspicious.stage?.['pre-login'];
  const within = (value: number | undefined, most: number, fault: string) => (value === undefined || (value >= 1 && value <= most) ? undefined : fault);
  return {
    'brute-force-protection.max_attempts': within(brute.max_attempts, 100, text.brute.attemptsBad),
    'brute-force-protection.allowlist': allowlistFault(brute.allowlist),
    'suspicious-ip-throttling.stage.pre-login.max_attempts': within(login?.max_attempts, 2500, text.suspicious.attemptsBad),
    'suspicious-ip-throttling.stage.pre-login.rate': login?.rate === undefined ? undefined : durationFault(login.rate / 1000, { least: 34.56, most: 86_400 }) === undefined ? undefined : text.suspicious.rateHelp,
    'suspicious-ip-throttling.allowlist': allowlistFault(suspicious.allowlist),
  };
}

function allowlistFault(lines: string[] = []): string | undefined {
  const said = lines.filter((line) => line !== '');
  const wrong = wrongAddress(said);
  return wrong !== undefined ? text.addressBad(wrong) : said.length > 100 ? text.tooMany : undefined;
}

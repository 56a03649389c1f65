// Commands for a shell. Everything that the dashboard gives to copy for cURL is made here.
import { config, tenantUrl } from '../api/config';

export type Curl = {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  /** `name:password` of Basic authentication. */
  user?: string;
  body?: string;
  /** As they are written: `-i`. */
  options?: string[];
};

const VARIABLE = /\$(TOKEN|CODE_VERIFIER|CODE|CLIENT_SECRET|CLIENT_ASSERTION)\b/g;

export const literal = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** One word of a shell, in which only the variables that the dashboard speaks of are read. */
export function quoted(text: string): string {
  if (text.search(VARIABLE) < 0) return literal(text);
  const isPlain = !/["\\`$]/.test(text.replace(VARIABLE, ''));
  return isPlain ? `"${text}"` : literal(text).replace(VARIABLE, `'"$$$1"'`);
}

/** Whether the certificate at this address is one of this server's. */
function isOurs(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' && (hostname === location.hostname || hostname === new URL(tenantUrl).hostname);
}

export function curl({ url, method, headers = {}, user, body, options = [] }: Curl): string {
  const first = ['curl -sS', ...(config.ca && isOurs(url) ? [`--cacert ${literal(config.ca)}`] : []), ...options, ...(method === undefined ? [] : [`-X ${method}`]), quoted(url)];
  return [
    first.join(' '),
    ...(user === undefined ? [] : [`  -u ${quoted(user)}`]),
    ...Object.entries(headers).map(([name, value]) => `  -H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`  -d ${quoted(body)}`]),
  ].join(' \\\n');
}

import { config } from '../api/config';
import { literal } from '../lib/curl';
import { trust as text } from '../text/trust';
import { CopyLine } from './CopyButton';

export type Platform = 'node' | 'python' | 'go' | 'ruby' | 'rust' | 'php' | 'java' | 'dotnet';

/** How programs come to trust an authority: what their HTTP libraries read. */
const WAYS: Record<Platform, (file: string) => [lead: string, line: string]> = {
  node: (file) => [text.run, `NODE_EXTRA_CA_CERTS=${file}`],
  python: (file) => [text.run, `SSL_CERT_FILE=${file} REQUESTS_CA_BUNDLE=${file}`],
  go: (file) => [text.runLinux, `SSL_CERT_FILE=${file}`],
  ruby: (file) => [text.run, `SSL_CERT_FILE=${file}`],
  rust: (file) => [text.runLinux, `SSL_CERT_FILE=${file}`],
  // Its cURL reads no environment.
  php: (file) => [text.run, `php -d curl.cainfo=${file}`],
  java: (file) => [text.java, file],
  dotnet: (file) => [text.dotnet, file],
};

/** For `note` of a snippet; nothing where the certificate is one that everybody trusts. */
export function trustNote(platform: Platform) {
  if (!config.ca) return undefined;
  const [lead, line] = WAYS[platform](/^[\w./-]+$/.test(config.ca) ? config.ca : literal(config.ca));
  return <div className="muted small"><p>{text.own} {lead}</p><CopyLine value={line} what={text.what} /></div>;
}

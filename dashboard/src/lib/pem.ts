// What keeps a text from being the PEM that is asked for.

export type PemFault = 'private' | 'key' | 'certificate';

const BLOCK = /^-----BEGIN (PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE)-----[\sA-Za-z0-9+/=]+-----END \1-----$/;

/** A certificate holds a public key, so it is one too. */
export function pemFault(text: string, wanted: 'key' | 'certificate'): PemFault | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return 'private';
  const kind = BLOCK.exec(text.trim())?.[1];
  return kind === undefined || (wanted === 'certificate' && kind !== 'CERTIFICATE') ? wanted : undefined;
}

// What an API can demand of its tokens beyond a signature.
export const apiProtection = {
  encryption: 'Encrypt the tokens (JWE)',
  encryptionHelp: 'Only your API can read them: each signed token is wrapped in one encrypted for its key.',
  replace: 'Replace the key',
  keep: 'Keep the old key',
  alg: 'Key encryption',
  kid: 'Key ID',
  kidHelp: 'Names the key in the token’s header. Optional.',
  pem: 'Public key of the API (PEM)',
  pemHelp: 'RSA, at least 2048 bits. It begins with -----BEGIN PUBLIC KEY----- or -----BEGIN CERTIFICATE-----. The private key stays with the API.',
  pemBad: 'This is no PEM public key or certificate.',
  pemPrivate: 'This is a private key. Keep it to yourself and paste the public one.',
  encryptionWarning: 'New tokens are encrypted as soon as you save. Make your API able to decrypt them first.',
  thumbprint: 'Thumbprint',

  mechanism: 'Bind tokens to a key of the application',
  mechanisms: {
    none: ['Not at all', 'Whoever has a token can use it'],
    dpop: ['DPoP', 'A signed proof with each call (RFC 9449)'],
    mtls: ['mTLS', 'The certificate of the connection (RFC 8705)'],
  } as Record<string, [string, string]>,
  mechanismHelp: 'A stolen token is of no use without the key. Your API has to check the binding: it is in the claim cnf.',
  required: 'Only bound tokens',
  requiredHelp: 'A request without proof is refused. Off: the application decides, and a token without proof is a plain one.',
  requiredFor: 'For',
  requiredFors: { all_clients: 'Every application', public_clients: 'Public applications only' } as Record<string, string>,

  details: 'Types of authorization details',
  detailsHelp: 'What requests may put into authorization_details (RFC 9396), one type per line. Anything else is refused. A token says in its claim authorization_details what was granted.',
  detailsBad: 'A type is listed twice.',

  reuseLead: 'For applications that ask for a token with each call: the same token is handed out again, marked by a header, as long as enough of its life remains. It never outlives a change of the grant, and is never given to another application, organization or key.',
  reuse: 'Hand out the same token again',
  remaining: 'While at least this much of its life remains',
  remainingHelp: 'Percent, from 1 to 99.',
  remainingBad: 'Enter a whole number from 1 to 99.',
};

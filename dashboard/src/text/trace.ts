// What a request for a token came to, step by step.
const METHODS: Record<string, string> = {
  none: 'without proof, as a public application may',
  client_secret_post: 'by its secret, in the body',
  client_secret_basic: 'by its secret, in the Authorization header',
  private_key_jwt: 'by a signed assertion (Private Key JWT)',
  tls_client_auth: 'by a certificate (mTLS, CA-signed)',
  self_signed_tls_client_auth: 'by its own certificate (mTLS, self-signed)',
  federated_credential: 'by a token of an issuer that it trusts',
};

export const trace = {
  title: 'How it was decided',
  names: {
    method: 'Proof', credential: 'Credential', client_grant: 'Grant', scopes_asked: 'Asked for', scopes_given: 'Given', binding: 'Binding', limits: 'Limits', actions: 'Actions', kid: 'Signed', reused: 'Reuse', reason: 'Reason',
  } as Record<string, string>,
  method: (method: string) => `The application proved itself ${METHODS[method] ?? `by ${method}`}.`,
  credential: (id: string) => (id === 'primary' ? 'With its primary secret.' : `With ${id}.`),
  client_grant: (id: string) => `The grant ${id} allows the API.`,
  scopes_asked: (scopes: string[]) => (scopes.length === 0 ? 'No permissions by name, which means all that are granted.' : `Asked for ${scopes.join(', ')}.`),
  scopes_given: (scopes: string[]) => (scopes.length === 0 ? 'Got no permissions.' : `Got ${scopes.join(', ')}.`),
  missing: (scopes: string[]) => `Asked for but not given: ${scopes.join(', ')}.`,
  binding: (to: string) => `Bound to a key or certificate of the application: ${to}.`,
  kid: (kid: string) => `Signed with the key ${kid}.`,
  reason: (reason: string) => `In one word: ${reason}.`,
  reused: 'An earlier token was handed out again.',
  issued: 'The token was issued.',
  refused: (why: string) => `Refused: ${why}`,
  would: 'A token would be issued.',
  wouldNot: (why: string) => `It would be refused: ${why}`,
  outcome: 'Outcome',

  explain: 'Explain',
  explainHelp: 'Explain goes through the same decisions without issuing a token, and shows each.',
  explained: 'What would happen',
};

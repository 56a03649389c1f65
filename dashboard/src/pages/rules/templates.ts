// What a new rule begins with; the names are those of `text/rules`.

const rule = (body: string) => `function (user, context, callback) {\n${body}  callback(null, user, context);\n}\n`;

export const TEMPLATES: Record<string, string> = {
  empty: rule('  // Decide here, and call back once.\n'),
  claims: rule("  // Claims of your own want a namespace, so that they meet no others.\n  const namespace = 'https://example.com/';\n  context.idToken[namespace + 'roles'] = context.authorization.roles;\n  context.accessToken[namespace + 'roles'] = context.authorization.roles;\n"),
  verified: rule("  if (!user.email_verified) {\n    return callback(new UnauthorizedError('Prove your e-mail address first.'));\n  }\n"),
  networks: rule("  // The setting NETWORKS lists beginnings of addresses, such as: 192.0.2. 198.51.100.\n  const known = (configuration.NETWORKS || '').split(' ').filter(Boolean);\n  if (!known.some((start) => context.request.ip.startsWith(start))) {\n    return callback(new UnauthorizedError('You cannot log in from here.'));\n  }\n"),
  hours: rule("  const day = new Date().getUTCDay();\n  if (context.clientName === 'Back office' && (day === 0 || day === 6)) {\n    return callback(new UnauthorizedError('The back office is closed at weekends.'));\n  }\n"),
  terms: rule("  if (context.protocol === 'redirect-callback') {\n    if (context.request.query.accepted !== 'yes') {\n      return callback(new UnauthorizedError('The terms were not accepted.'));\n    }\n  } else if (context.stats.loginsCount === 1 && !context.protocol.startsWith('oauth2-')) {\n    // The page there sends people back to /continue with the state that it was given.\n    context.redirect = { url: 'https://example.com/terms' };\n  }\n"),
  scopes: rule("  const asked = (context.request.query.scope || '').split(' ').filter(Boolean);\n  if (!context.authorization.roles.includes('editor')) {\n    context.accessToken.scope = asked.filter((scope) => scope !== 'write:orders');\n  }\n"),
};

// Made from the rule {name}. The rule stands below as it was, and what comes after it lets it run as an Action.
const rule = (configuration, auth0) => (
{script}
);

class UnauthorizedError extends Error {
  name = "UnauthorizedError";
}
class ValidationError extends Error {
  name = "ValidationError";
}

exports.onExecutePostLogin = (event, api) => run(event, api, false);
// Somebody is back whom the rule sent elsewhere.
exports.onContinuePostLogin = (event, api) => run(event, api, true);

async function run(event, api, isBack) {
  try {
    const { context } = await called(rule(event.secrets, auth0Of(event, api)), userOf(event), contextOf(event, isBack));
    tell(context, event, api, isBack);
  } catch (error) {
    if (error?.name !== "UnauthorizedError") throw error;
    api.access.deny(error.message);
  }
}

// What the rule calls back.
const called = (rule, user, context) =>
  new Promise((resolve, reject) => {
    const callback = (error, user, context) => (error ? reject(error) : resolve({ user, context }));
    Promise.resolve(rule(user, context, callback)).catch(reject);
  }).then((back) => {
    const isThere = (one) => typeof one === "object" && one !== null;
    if (!isThere(back.user) || !isThere(back.context)) throw new TypeError("The rule did not call back a user and a context");
    return back;
  });

// The person, with what applications know of them beside the rest.
function userOf({ user: { enrolledFactors, ...user } }) {
  const copy = structuredClone(user);
  // A rule finds none where there are none.
  for (const name of ["user_metadata", "app_metadata"]) if (Object.keys(copy[name] ?? {}).length === 0) delete copy[name];
  return { ...copy.app_metadata, ...copy };
}

function contextOf(event, isBack) {
  const { authentication, authorization, client, connection, organization, request, session, stats, tenant, transaction, user } = event;
  const clients = (session?.clients ?? []).map(({ client_id }) => client_id);
  const methods = (authentication?.methods ?? []).map((method) => ({ ...method, timestamp: Date.parse(method.timestamp) }));
  return {
    tenant: tenant.id,
    clientID: client.client_id,
    clientName: client.name,
    clientMetadata: { ...client.metadata },
    connection: connection?.name,
    connectionID: connection?.id,
    connectionStrategy: connection?.strategy,
    connectionOptions: {},
    connectionMetadata: { ...connection?.metadata },
    protocol: isBack ? "redirect-callback" : transaction?.protocol,
    stats: { loginsCount: stats.logins_count },
    sso: { with_auth0: false, with_dbconn: clients.length > 0 && connection?.strategy === "auth0", current_clients: clients },
    accessToken: {},
    idToken: {},
    request: { userAgent: request.user_agent, ip: request.ip, hostname: request.hostname, query: { ...request.query }, body: { ...request.body }, geoip: { ...request.geoip } },
    primaryUser: user.user_id,
    authentication: { methods },
    authorization: { roles: [...(authorization?.roles ?? [])] },
    ...(organization && { organization: { ...organization } }),
    ...(session && { sessionID: session.id }),
  };
}

// What the rule knows of this server. Metadata that it writes are the person's at the end of the login.
function auth0Of(event, api) {
  const update = (set) => async (id, metadata) => {
    if (id !== event.user.user_id) throw new Error("Only metadata of who logs in can be changed here");
    for (const [name, value] of Object.entries(metadata ?? {})) set(name, value);
    return { ...event.user };
  };
  const users = {
    updateAppMetadata: update((name, value) => api.user.setAppMetadata(name, value)),
    updateUserMetadata: update((name, value) => api.user.setUserMetadata(name, value)),
  };
  return { domain: {domain}, baseUrl: {base_url}, users };
}

// What the rule left in its context, as calls.
function tell(context, event, api, isBack) {
  for (const token of ["idToken", "accessToken"]) {
    for (const [claim, value] of Object.entries(context[token] ?? {})) {
      if (claim !== "scope") api[token].setCustomClaim(claim, value);
    }
  }
  const scope = context.accessToken?.scope;
  if (scope !== undefined && scope !== null) {
    const wanted = typeof scope === "string" ? scope.split(" ").filter((one) => one !== "") : scope;
    for (const one of event.transaction?.requested_scopes ?? []) if (!wanted.includes(one)) api.accessToken.removeScope(one);
    for (const one of wanted) api.accessToken.addScope(one);
  }
  if (context.multifactor) api.multifactor.enable(context.multifactor.provider ?? String(context.multifactor), context.multifactor);
  const { primaryUser } = context;
  if (typeof primaryUser === "string" && primaryUser !== event.user.user_id) api.authentication.setPrimaryUser(primaryUser);
  if (context.redirect && !isBack) api.redirect.sendUserTo(context.redirect.url);
}

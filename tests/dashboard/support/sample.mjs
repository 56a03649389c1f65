// A tenant in which something has happened: applications, APIs, grants, tokens issued and refused.

export const ORDERS = {
  name: "Orders API",
  identifier: "https://orders.example",
  scopes: [
    { value: "read:orders", description: "Read orders" },
    { value: "list:orders", description: "List orders" },
    { value: "create:orders", description: "Create orders" },
    { value: "delete:orders", description: "Delete orders" },
  ],
};

export const machine = (name, more = {}) => ({
  name, app_type: "non_interactive", grant_types: ["client_credentials"], token_endpoint_auth_method: "client_secret_post", ...more,
});

/** One API, one machine application that may call it, one that may not, and a token of each kind of ending. */
export async function makeSample(server) {
  const api = await server.api("/api/v2/resource-servers", { body: ORDERS });
  const client = await server.api("/api/v2/clients", { body: machine("nightly-job", { description: "Closes the day's orders" }) });
  const stranger = await server.api("/api/v2/clients", { body: machine("reports") });
  const grant = await server.api("/api/v2/client-grants", {
    body: { client_id: client.client_id, audience: api.identifier, scope: ["read:orders", "list:orders"] },
  });
  const made = { api, client, stranger, grant, api_id: api.id, client_id: client.client_id };
  await server.token(client.client_id, client.client_secret, api.identifier);
  await server.token(client.client_id, "wrong", api.identifier);
  await server.token(stranger.client_id, stranger.client_secret, api.identifier);
  const logs = await server.api("/api/v2/logs?q=type:feccft&sort=date:-1");
  const system = (await server.api("/api/v2/resource-servers")).find(({ is_system }) => is_system);
  return { ...made, log_id: logs[0].log_id, system_id: encodeURIComponent(system.id) };
}

/** An action that is deployed and bound, and what it is tried with. */
export async function makeAction(server) {
  const code = "// Says what the customer pays for.\nexports.onExecuteCredentialsExchange = async (event, api) => {\n  api.accessToken.setCustomClaim('https://acme.example/plan', event.secrets.PLAN ?? 'free');\n};\n";
  const body = {
    name: "add-plan", code, deploy: true, supported_triggers: [{ id: "credentials-exchange", version: "v2" }],
    secrets: [{ name: "PLAN", value: "pro" }],
  };
  const { id } = await server.api("/api/v2/actions/actions", { body });
  const bindings = [{ ref: { type: "action_id", value: id } }];
  await server.api("/api/v2/actions/triggers/credentials-exchange/bindings", { method: "PATCH", body: { bindings } });
  return { action_id: id };
}

/** A rule that runs, one that is off, and the setting that the first one finds. */
export async function makeRules(server) {
  await server.api("/api/v2/rules-configs/PLAN", { method: "PUT", body: { value: "gold" } });
  const body = "function (user, context, callback) {\n  context.idToken['https://acme.example/plan'] = configuration.PLAN;\n  callback(null, user, context);\n}\n";
  const { id } = await server.api("/api/v2/rules", { body: { name: "Plan in tokens", script: body } });
  await server.api("/api/v2/rules", { body: { name: "Proven addresses only", enabled: false, script: "function (user, context, callback) {\n  callback(user.email_verified ? null : new UnauthorizedError('Prove your address.'), user, context);\n}\n" } });
  return { rule_id: id };
}

/** A database whose people a script knows. */
export async function makeConnection(server) {
  const login = "// Knows one person.\nfunction login(email, password, callback) {\n  if (email !== 'ann@example.com') return callback(new WrongUsernameOrPasswordError(null, 'Nobody has this name.'));\n  callback(null, { user_id: '42', email });\n}\n";
  const options = { enabledDatabaseCustomization: true, import_mode: true, customScripts: { login }, configuration: { KEY: "sesame" } };
  const { id } = await server.api("/api/v2/connections", { body: { name: "legacy-shop", strategy: "auth0", display_name: "The old shop", options } });
  return { connection_id: id };
}

/** A webhook that nobody answers at, with something of everything. */
export async function makeLogStream(server) {
  const sink = { httpEndpoint: "https://logs.acme.example/in", httpAuthorization: "Bearer sesame", httpContentFormat: "JSONLINES", httpCustomHeaders: [{ header: "X-Tenant", value: "acme" }] };
  const filters = ["auth.login.fail", "management.success"].map((name) => ({ type: "category", name }));
  const { id } = await server.api("/api/v2/log-streams", { body: { name: "Audit trail", type: "http", sink, filters, pii_config: { log_fields: ["email", "phone"], method: "hash" } } });
  return { stream_id: id };
}

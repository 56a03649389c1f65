// A tenant with a shop whose customers log in, and the ways that lead to each page.
export const ANN = { email: "ann@example.com", password: "Correct-Horse-7-Battery" };
export const CALLBACK = "https://shop.example/callback";
export const NATIVE_CALLBACK = "com.acme.tv:/callback";
export const STRANGER_CALLBACK = "https://stranger.example/callback";

/** Makes the shop's applications and a customer of it. */
export async function openShop(server) {
  await server.api("/api/v2/tenants/settings", { method: "PATCH", body: { friendly_name: "Acme", support_email: "help@acme.example", enabled_locales: ["en", "de", "es", "fr", "ja"] } });
  const { connections = [], ...rest } = await connectionsOf(server);
  const connection = [...connections, ...Object.values(rest)].find(({ name }) => name === "Username-Password-Authentication");
  const make = async (body) => {
    const { client_id } = await server.api("/api/v2/clients", { body: { app_type: "spa", token_endpoint_auth_method: "none", callbacks: [CALLBACK], allowed_origins: ["https://shop.example"], cross_origin_authentication: true, ...body } });
    await server.api(`/api/v2/connections/${connection.id}/clients`, { method: "PATCH", body: [{ client_id, status: true }], expect: false });
    return client_id;
  };
  await server.api("/api/v2/resource-servers", { body: { name: "Orders", identifier: "https://orders.example", scopes: ["read:orders", "write:orders", "read:invoices"].map((value) => ({ value })) } });
  const shop = await make({ name: "Shop" });
  const native = await make({ name: "Shop on TV", app_type: "native", oidc_conformant: true, callbacks: [NATIVE_CALLBACK], grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "authorization_code", "refresh_token"] });
  const stranger = await make({ name: "A stranger’s app", is_first_party: false, third_party_security_mode: "permissive", callbacks: [STRANGER_CALLBACK] });
  await server.api(`/api/v2/connections/${connection.id}`, { method: "PATCH", body: { is_domain_connection: true } });
  const user_id = await signUp({ server, shop, connection }, { ...ANN, name: "Ann Example" });
  return { connection, shop, native, stranger, user_id };
}

/** Signs somebody up, and answers who that is. */
export async function signUp({ server, shop, connection }, body) {
  const answer = await server.fetch("/dbconnections/signup", {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_id: shop, connection: connection.name, ...body }),
  });
  if (!answer.ok) throw new Error(`nobody could sign up: ${answer.status} ${await answer.text()}`);
  return `auth0|${(await answer.json())._id}`;
}

async function connectionsOf(server) {
  const answer = await server.api("/api/v2/connections");
  return Array.isArray(answer) ? { connections: answer } : answer;
}

/** Where an application sends somebody who is to log in. */
export function authorize(client_id, more = {}) {
  const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
  const query = { client_id, response_type: "code", redirect_uri: CALLBACK, scope: "openid profile email", state: "s", code_challenge: challenge, code_challenge_method: "S256", ...more };
  return `/authorize?${new URLSearchParams(query)}`;
}

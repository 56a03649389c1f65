// People of a tenant: who they are, what they may do, and what they have open.

export const DATABASE = "Username-Password-Authentication";
export const PASSWORD = "Correct-Horse-7-Battery";
const CALLBACK = "https://shop.example/callback";

export const JANE = {
  email: "jane@acme.example", name: "Jane Doe", given_name: "Jane", family_name: "Doe", email_verified: true,
  user_metadata: { lang: "en", newsletter: true }, app_metadata: { plan: "gold", seats: 3 },
};

export const makeUser = (server, more) => server.api("/api/v2/users", { body: { connection: DATABASE, password: PASSWORD, ...more } });

/** An API that enforces permissions, a role of it, two people with it and one without, and a shop. */
export async function makePeople(server) {
  const identifier = "https://billing.example";
  const scopes = [["read:invoices", "Read invoices"], ["pay:invoices", "Pay invoices"], ["delete:invoices", "Delete invoices"]].map(([value, description]) => ({ value, description }));
  const billing = await server.api("/api/v2/resource-servers", { body: { name: "Billing API", identifier, scopes, enforce_policies: true, token_dialect: "access_token_authz", allow_offline_access: true } });
  const jane = await makeUser(server, JANE);
  const john = await makeUser(server, { email: "john@acme.example", name: "John Smith" });
  const noor = await makeUser(server, { email: "noor@other.example", blocked: true });
  const role = await server.api("/api/v2/roles", { body: { name: "Auditor", description: "Reads what was billed" } });
  await server.api(`/api/v2/roles/${role.id}/permissions`, { body: { permissions: [{ permission_name: "read:invoices", resource_server_identifier: identifier }] } });
  await server.api(`/api/v2/roles/${role.id}/users`, { body: { users: [jane.user_id, john.user_id] } });
  await server.api(`/api/v2/users/${encodeURIComponent(jane.user_id)}/permissions`, { body: { permissions: [{ permission_name: "pay:invoices", resource_server_identifier: identifier }] } });
  const shop = await server.api("/api/v2/clients", {
    body: {
      name: "Partner shop", app_type: "regular_web", callbacks: [CALLBACK], token_endpoint_auth_method: "client_secret_post",
      grant_types: ["authorization_code", "refresh_token", "password", "http://auth0.com/oauth/grant-type/password-realm"],
    },
  });
  await enable(server, shop.client_id);
  return { billing, jane, john, noor, role, shop, user_id: encodeURIComponent(jane.user_id), role_id: role.id };
}

async function enable(server, client_id) {
  const connections = await server.api("/api/v2/connections");
  const { id } = connections.find(({ name }) => name === DATABASE);
  await server.api(`/api/v2/connections/${id}/clients`, { method: "PATCH", body: [{ client_id, status: true }], expect: false });
}

/** Logs somebody in to the shop and lets it have what it asks for: a session, a consent and a refresh token are left. */
export async function visitShop(context, server, { shop, billing }, { email, password = PASSWORD }) {
  const page = await context.newPage();
  // Nobody answers at the shop; what is of interest is with which code one comes there.
  const returned = new Promise((resolve) => page.route(`${CALLBACK}*`, (route) => { resolve(new URL(route.request().url())); return route.fulfill({ status: 200, contentType: "text/html", body: "<!doctype html><title>Shop</title>" }); }));
  const query = { client_id: shop.client_id, response_type: "code", redirect_uri: CALLBACK, scope: "openid profile email offline_access read:invoices", audience: billing.identifier, prompt: "consent", state: "s" };
  await page.goto(`/authorize?${new URLSearchParams(query)}`);
  await page.locator('input[name="username"]').fill(email);
  await page.locator('input[name="password"]').fill(password);
  await page.locator('button[name="action"]').first().click();
  await page.getByRole("button", { name: /Accept|Allow/ }).click();
  const code = (await returned).searchParams.get("code");
  await page.close();
  const body = { grant_type: "authorization_code", client_id: shop.client_id, client_secret: shop.client_secret, code, redirect_uri: CALLBACK };
  const answer = await server.fetch("/oauth/token", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return answer.json();
}

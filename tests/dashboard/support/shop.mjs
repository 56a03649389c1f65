// Somebody who logs in to an application of the tenant, without a page: by their password at the token endpoint.

const REALM = "Username-Password-Authentication";
const ANN = { email: "ann@example.com", password: "Correct-Horse-7-Battery" };

/** Makes a shop and somebody who buys there; gives what logs them in: `{ status, body, claims }`. */
export async function makeShop(server) {
  const grant_types = ["http://auth0.com/oauth/grant-type/password-realm", "refresh_token"];
  const { client_id } = await server.api("/api/v2/clients", { body: { name: "Shop", app_type: "native", token_endpoint_auth_method: "none", oidc_conformant: true, grant_types } });
  const [connection] = (await server.api("/api/v2/connections")).filter(({ name }) => name === REALM);
  await server.api(`/api/v2/connections/${connection.id}/clients`, { method: "PATCH", body: [{ client_id, status: true }], expect: false });
  await server.api("/api/v2/users", { body: { connection: REALM, ...ANN, email_verified: true, name: "Ann Archer", app_metadata: { plan: "pro" } } });
  const send = async (path, body) => {
    const answer = await server.fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ client_id, ...body }) });
    return { status: answer.status, body: await answer.json() };
  };
  const logsIn = async () => {
    const { status, body } = await send("/oauth/token", { grant_type: grant_types[0], realm: REALM, username: ANN.email, password: ANN.password, scope: "openid email" });
    return { status, body, claims: body.id_token && JSON.parse(Buffer.from(body.id_token.split(".")[1], "base64url")) };
  };
  const signsUp = (email) => send("/dbconnections/signup", { connection: REALM, email, password: ANN.password });
  return { logsIn, signsUp };
}

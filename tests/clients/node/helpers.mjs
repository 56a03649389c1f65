// What the test files share: the server under test as the runner announced it, one API with one
// application and a grant made through the SDK under test, and the forged tokens no verifier may take.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AuthenticationClient } from "auth0";
import { SignJWT, base64url, exportJWK, exportSPKI, generateKeyPair, importJWK } from "jose";

export const issuer = required("COUNTERSIGN_ISSUER");
export const adminToken = required("COUNTERSIGN_ADMIN_TOKEN");
export const domain = new URL(issuer).host;
export const managementAudience = `${issuer}api/v2/`;

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start the suite with tests/clients/run`);
  return value;
}

export const unique = (prefix) => `${prefix}-${randomBytes(6).toString("hex")}`;

/** Makes one API, one application and the grant between them; `remove` deletes all of it again. */
export async function setUp(management, { api = {}, application = {}, scope = ["read:things"] } = {}) {
  const resourceServer = await management.resourceServers.create({
    name: unique("things"),
    identifier: `https://${unique("things")}.example/`,
    scopes: [{ value: "read:things" }, { value: "write:things" }],
    ...api,
  });
  const client = await management.clients.create({
    name: unique("caller"),
    app_type: "non_interactive",
    grant_types: ["client_credentials"],
    token_endpoint_auth_method: "client_secret_post",
    ...application,
  });
  const audience = resourceServer.identifier;
  const grant = await management.clientGrants.create({ client_id: client.client_id, audience, scope });
  const remove = async (by = management) => {
    await by.clients.delete(client.client_id);
    await by.resourceServers.delete(resourceServer.id);
  };
  return { resourceServer, client, grant, audience, remove };
}

/** Makes an application granted `scope` on the Management API. */
export async function managementApplication(management, scope) {
  const client = await management.clients.create({
    name: unique("manager"),
    app_type: "non_interactive",
    grant_types: ["client_credentials"],
    token_endpoint_auth_method: "client_secret_post",
  });
  await management.clientGrants.create({ client_id: client.client_id, audience: managementAudience, scope });
  return client;
}

export const authentication = ({ client_id, client_secret }) =>
  new AuthenticationClient({ domain, clientId: client_id, clientSecret: client_secret });

/** Asks the token endpoint for an access token with the client's own secret. */
export async function accessToken(client, audience) {
  const { data } = await authentication(client).oauth.clientCredentialsGrant({ audience });
  return data.access_token;
}

export const part = (token, index) => JSON.parse(Buffer.from(token.split(".")[index], "base64url").toString());

/** Waits until the clock has passed the token's `exp` by more than the rounding of one second. */
export async function expire(token) {
  await sleep(Math.max(0, part(token, 1).exp * 1000 + 1100 - Date.now()));
  return token;
}

/** Repeats `probe` until it gives something truthy, for answers the server writes behind the response. */
export async function eventually(probe, patience = 10_000) {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await probe();
    if (found || Date.now() > deadline) return found;
    await sleep(200);
  }
}

export async function published() {
  const answer = await fetch(new URL(".well-known/jwks.json", issuer));
  assert.equal(answer.status, 200);
  return (await answer.json()).keys;
}

/** Forges, from one good token, a token for every classic attack on a verifier; none may be accepted. */
export async function forgeries(good) {
  const [header, payload, signature] = good.split(".");
  const [head, claims] = [part(good, 0), part(good, 1)];
  const encode = (value) => base64url.encode(JSON.stringify(value));
  const publishedKey = (await published()).find((key) => key.kid === head.kid);
  assert.ok(publishedKey, "the key that signed the token is published");
  const publicKey = await importJWK(publishedKey, head.alg, { extractable: true });
  const pem = new TextEncoder().encode(await exportSPKI(publicKey));
  const own = await generateKeyPair(head.alg, { extractable: true });
  const jwk = await exportJWK(own.publicKey);
  const sign = (body, protectedHeader, key = own.privateKey) =>
    new SignJWT(body).setProtectedHeader(protectedHeader).sign(key);
  const bytes = base64url.decode(signature);
  bytes[bytes.length >> 1] ^= 1;

  return {
    "a tampered payload": [header, encode({ ...claims, scope: "read:things write:things" }), signature].join("."),
    "a tampered header": [encode({ ...head, typ: "JOSE" }), payload, signature].join("."),
    "a tampered signature": [header, payload, base64url.encode(bytes)].join("."),
    "a stripped signature": [header, payload, ""].join("."),
    "alg none": [encode({ ...head, alg: "none" }), payload, ""].join("."),
    "alg none with the old signature": [encode({ ...head, alg: "None" }), payload, signature].join("."),
    "HS256 keyed with the public key": await sign(claims, { ...head, alg: "HS256" }, pem),
    "a foreign key under our kid": await sign(claims, head),
    "a foreign key in the jwk header": await sign(claims, { ...head, kid: undefined, jwk }),
    "a foreign key behind the jku header": await sign(claims, { ...head, jku: "https://keys.example/jwks.json" }),
    "an unknown kid": await sign(claims, { ...head, kid: "no-such-key" }),
    "a foreign issuer": await sign({ ...claims, iss: "https://elsewhere.example/" }, { alg: head.alg, typ: head.typ }),
    "no JWT at all": "not-a-token",
  };
}

// Machines without a shared secret: signed assertions, client certificates and tokens bound to a key, as the SDKs that
// know how do it, and an API behind express-oauth2-jwt-bearer that accepts bound tokens with their proof only.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { AuthClient } from "@auth0/auth0-auth-js";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { AuthenticationClient, ManagementClient } from "auth0";
import { ManagementClient as LatestManagementClient } from "auth0-latest";
import express from "express";
import { auth, requiredScopes } from "express-oauth2-jwt-bearer";
import { SignJWT, calculateJwkThumbprint, exportJWK, exportPKCS8, exportSPKI, generateKeyPair } from "jose";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { Agent, fetch as undiciFetch } from "undici";
import { adminToken, domain, issuer, managementAudience, part, setUp, unique } from "./helpers.mjs";

const management = new ManagementClient({ domain, token: adminToken });

/** An application of its own that proves itself with `alg`, on an API of its own. */
async function keyed(alg, { api, application } = {}) {
  const keys = await generateKeyPair(alg, { extractable: true });
  const world = await setUp(management, {
    api,
    application: {
      jwt_configuration: { alg: "RS256" },
      token_endpoint_auth_method: undefined,
      client_authentication_methods: {
        private_key_jwt: {
          credentials: [{ credential_type: "public_key", name: "first", pem: await exportSPKI(keys.publicKey), alg }],
        },
      },
      ...application,
    },
  });
  return { ...world, keys };
}

const ALGORITHMS = ["RS256", "RS384", "PS256", "ES256", "EdDSA"];

for (const alg of ALGORITHMS) {
  describe(`private_key_jwt with ${alg}`, () => {
    let world;
    before(async () => { world = await keyed(alg); });
    after(() => world.remove());

    it("auth0 5 is granted a token", async () => {
      const client = new AuthenticationClient({
        domain, clientId: world.client.client_id, clientAssertionSigningAlg: alg,
        clientAssertionSigningKey: await exportPKCS8(world.keys.privateKey),
      });
      const { data } = await client.oauth.clientCredentialsGrant({ audience: world.audience });
      assert.equal(part(data.access_token, 1).azp, world.client.client_id);
    });

    it("auth0-auth-js is granted a token", async () => {
      const client = new AuthClient({
        domain, clientId: world.client.client_id, clientAssertionSigningAlg: alg,
        clientAssertionSigningKey: await exportPKCS8(world.keys.privateKey),
      });
      const token = await client.getTokenByClientCredentials({ audience: world.audience });
      assert.equal(part(token.accessToken, 1).aud, world.audience);
    });

    it("openid-client is granted a token, and refused with another key: 401", async () => {
      const configuration = await discovered(world, openid.PrivateKeyJwt(await importable(world.keys.privateKey, alg)));
      const tokens = await openid.clientCredentialsGrant(configuration, { audience: world.audience });
      assert.equal(part(tokens.access_token, 1).azp, world.client.client_id);

      const other = await generateKeyPair(alg, { extractable: true });
      const stranger = await discovered(world, openid.PrivateKeyJwt(await importable(other.privateKey, alg)));
      await assert.rejects(openid.clientCredentialsGrant(stranger, { audience: world.audience }),
        { status: 401, error: "invalid_client" });
    });

    it("oauth4webapi is granted a token", async () => {
      const [server, client] = [await metadata(), { client_id: world.client.client_id }];
      const response = await oauth.clientCredentialsGrantRequest(
        server, client, oauth.PrivateKeyJwt(await importable(world.keys.privateKey, alg)),
        new URLSearchParams({ audience: world.audience }));
      const tokens = await oauth.processClientCredentialsResponse(server, client, response);
      assert.equal(tokens.scope, "read:things");
    });
  });
}

describe("private_key_jwt: the Management API", () => {
  let world;
  before(async () => {
    world = await keyed("RS256");
    await management.clientGrants.create({
      client_id: world.client.client_id, audience: managementAudience, scope: ["read:clients"],
    });
  });
  after(() => world.remove());

  it("auth0 7 manages the tenant with a key and no secret", async () => {
    const sdk = new LatestManagementClient({
      domain, clientId: world.client.client_id, clientAssertionSigningKey: await exportPKCS8(world.keys.privateKey),
    });
    const client = await sdk.clients.get(world.client.client_id);
    assert.equal(client.client_secret, undefined);
    assert.equal(client.client_id, world.client.client_id);
  });

  it("refuses the secret that the application once had: 401", async () => {
    const sdk = new AuthenticationClient({
      domain, clientId: world.client.client_id, clientSecret: world.client.client_secret ?? "none",
    });
    await assert.rejects(sdk.oauth.clientCredentialsGrant({ audience: world.audience }), { statusCode: 401 });
  });

  it("refuses an assertion that comes a second time: 401", async () => {
    const now = Math.floor(Date.now() / 1000);
    const assertion = await new SignJWT({ jti: unique("jti") })
      .setProtectedHeader({ alg: "RS256" })
      .setIssuer(world.client.client_id).setSubject(world.client.client_id).setAudience(issuer)
      .setIssuedAt(now).setExpirationTime(now + 60)
      .sign(world.keys.privateKey);
    const ask = () => fetch(new URL("oauth/token", issuer), {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials", audience: world.audience, client_assertion: assertion,
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      }),
    });
    assert.equal((await ask()).status, 200);
    const again = await ask();
    assert.equal(again.status, 401);
    assert.equal((await again.json()).error, "invalid_client");
  });
});

describe("DPoP: tokens bound to a key", () => {
  const api = { proof_of_possession: { mechanism: "dpop", required: true, required_for: "all_clients" } };
  let world, pair, server;
  before(async () => {
    world = await setUp(management, { api });
    pair = await openid.randomDPoPKeyPair("ES256", { extractable: true });
    server = await serve(world.audience);
  });
  after(async () => {
    server?.close();
    await world.remove();
  });

  const url = (path) => new URL(path, `http://127.0.0.1:${server.address().port}`);
  const configuration = () => discovered(world, openid.ClientSecretPost(world.client.client_secret));

  it("openid-client is granted a bound token, and the API accepts it with its proof", async () => {
    const config = await configuration();
    const DPoP = openid.getDPoPHandle(config, pair);
    const tokens = await openid.clientCredentialsGrant(config, { audience: world.audience }, { DPoP });
    assert.equal(tokens.token_type, "dpop");
    assert.equal(part(tokens.access_token, 1).cnf.jkt, await calculateJwkThumbprint(await exportJWK(pair.publicKey)));
    openid.allowInsecureRequests(config);
    const answer = await openid.fetchProtectedResource(
      config, tokens.access_token, url("/things"), "GET", undefined, undefined, { DPoP });
    assert.equal(answer.status, 200);
    assert.equal((await answer.json()).azp, world.client.client_id);
  });

  it("oauth4webapi is granted a bound token", async () => {
    const [as, client] = [await metadata(), { client_id: world.client.client_id }];
    const DPoP = oauth.DPoP(client, pair);
    const response = await oauth.clientCredentialsGrantRequest(
      as, client, oauth.ClientSecretPost(world.client.client_secret),
      new URLSearchParams({ audience: world.audience }), { DPoP });
    const tokens = await oauth.processClientCredentialsResponse(as, client, response);
    assert.equal(tokens.token_type, "dpop");
  });

  it("a token without a proof is not issued: 400", async () => {
    await assert.rejects(openid.clientCredentialsGrant(await configuration(), { audience: world.audience }),
      (error) => error.status === 400);
  });

  it("express-oauth2-jwt-bearer refuses a bound token without proof, with another key's proof, and as a bearer", async () => {
    const config = await configuration();
    const tokens = await openid.clientCredentialsGrant(
      config, { audience: world.audience }, { DPoP: openid.getDPoPHandle(config, pair) });
    const get = (headers) => fetch(url("/things"), { headers });
    const without = await get({ authorization: `DPoP ${tokens.access_token}` });
    assert.ok([400, 401].includes(without.status), String(without.status));
    const bearer = await get({ authorization: `Bearer ${tokens.access_token}` });
    assert.ok([400, 401].includes(bearer.status), String(bearer.status));
    openid.allowInsecureRequests(config);
    const thief = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair("ES256"));
    await assert.rejects(
      openid.fetchProtectedResource(config, tokens.access_token, url("/things"), "GET", undefined, undefined, { DPoP: thief }),
      (error) => [400, 401].includes(error.status ?? error.response?.status));
  });
});

describe("mTLS: an application that shows a certificate of its own making", () => {
  let world, showing, stranger, place;
  before(async () => {
    const [own, other] = [await certificate("caller"), await certificate("caller")];
    world = await keyed(own);
    await management.tenants.settings.update({ mtls: { enable_endpoint_aliases: true } });
    // The published metadata says where callers are asked for their certificate.
    const { mtls_endpoint_aliases: aliases } = (await discovered(world, openid.TlsClientAuth())).serverMetadata();
    place = new URL(aliases.token_endpoint).host;
    [showing, stranger] = [own, other].map((shown) => {
      // The SDKs of Auth0 put `mtls.` before the host, a name that only the test knows.
      const lookup = (_host, options, found) =>
        options.all ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4);
      const dispatcher = new Agent({ connect: { ...shown, lookup, ca: readFileSync(process.env.COUNTERSIGN_CA) } });
      return (url, options) => undiciFetch(url, { ...options, dispatcher });
    });
  });
  after(async () => {
    await management.tenants.settings.update({ mtls: { enable_endpoint_aliases: false } });
    await world.remove();
  });

  const isBound = (token) => assert.equal(part(token, 1).cnf["x5t#S256"], world.thumbprint);

  it("openid-client is granted a token that is bound to it, and refused with another: 401", async () => {
    const ask = (fetch) => mutual(world, fetch).then(
      (configuration) => openid.clientCredentialsGrant(configuration, { audience: world.audience }));
    isBound((await ask(showing)).access_token);
    await assert.rejects(ask(stranger), { status: 401, error: "invalid_client" });
    await assert.rejects(ask(globalThis.fetch), { status: 401, error: "invalid_client" });
  });

  it("oauth4webapi is granted a bound token", async () => {
    const client = { client_id: world.client.client_id, use_mtls_endpoint_aliases: true };
    const as = await metadata();
    const response = await oauth.clientCredentialsGrantRequest(
      as, client, oauth.TlsClientAuth(), new URLSearchParams({ audience: world.audience }), { [oauth.customFetch]: showing });
    isBound((await oauth.processClientCredentialsResponse(as, client, response)).access_token);
  });

  it("auth0 5 is granted a bound token", async () => {
    const sdk = new AuthenticationClient({ domain: place, clientId: world.client.client_id, useMTLS: true, fetch: showing });
    isBound((await sdk.oauth.clientCredentialsGrant({ audience: world.audience })).data.access_token);
  });

  it("auth0-auth-js is granted a bound token", async () => {
    const sdk = new AuthClient({ domain, clientId: world.client.client_id, useMtls: true, customFetch: showing });
    isBound((await sdk.getTokenByClientCredentials({ audience: world.audience })).accessToken);
  });

  it("express-oauth2-jwt-bearer accepts the bound token with its certificate only", async () => {
    const sdk = new AuthenticationClient({ domain: place, clientId: world.client.client_id, useMTLS: true, fetch: showing });
    const { data } = await sdk.oauth.clientCredentialsGrant({ audience: world.audience });
    // As behind a proxy that ends TLS and passes the certificate on.
    const getCertificate = (request) => {
      const passed = request.get("client-certificate");
      return passed && decodeURIComponent(passed);
    };
    const server = await serve(world.audience, { mtls: { enabled: true, required: true }, getCertificate });
    try {
      const get = async (shown) => {
        const answer = await fetch(`http://127.0.0.1:${server.address().port}/things`, {
          headers: { authorization: `Bearer ${data.access_token}`, ...(shown && { "client-certificate": encodeURIComponent(shown) }) },
        });
        return answer.status;
      };
      assert.equal(await get(world.cert), 200);
      assert.ok([400, 401].includes(await get((await certificate("thief")).cert)));
      assert.ok([400, 401].includes(await get()));
    } finally {
      server.close();
    }
  });

  async function keyed({ cert }) {
    const created = await setUp(management, {
      api: { proof_of_possession: { mechanism: "mtls", required: true, required_for: "all_clients" } },
      application: {
        token_endpoint_auth_method: undefined,
        jwt_configuration: { alg: "RS256" },
        client_authentication_methods: {
          self_signed_tls_client_auth: { credentials: [{ credential_type: "x509_cert", name: "own", pem: cert }] },
        },
      },
    });
    const thumbprint = Buffer.from(await new x509.X509Certificate(cert).getThumbprint("SHA-256")).toString("base64url");
    return { ...created, cert, thumbprint };
  }
});

/** openid-client that proves itself by the certificate of this fetch, where it is asked for one. */
async function mutual(world, fetch) {
  const configuration = await openid.discovery(
    new URL(issuer), world.client.client_id, { use_mtls_endpoint_aliases: true }, openid.TlsClientAuth());
  configuration[openid.customFetch] = fetch;
  return configuration;
}

async function certificate(name) {
  const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const day = 24 * 3600 * 1000;
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`, notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + day), signingAlgorithm, keys,
  });
  return { cert: made.toString("pem"), key: await exportPKCS8(keys.privateKey) };
}

async function serve(audience, demands = { dpop: { enabled: true, required: true } }) {
  const app = express();
  app.use(auth({ issuerBaseURL: issuer, audience, ...demands }));
  app.get("/things", requiredScopes("read:things"), (request, response) => response.json(request.auth.payload));
  app.use((error, _request, response, _next) => {
    response.status(error.status ?? 500).set(error.headers ?? {}).json({ message: error.message });
  });
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const discovered = (world, authenticate) =>
  openid.discovery(new URL(issuer), world.client.client_id, undefined, authenticate);

const metadata = async () => {
  const url = new URL(issuer);
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url));
};

/** The same key as WebCrypto binds it to one algorithm. */
async function importable(key, alg) {
  const pkcs8 = Buffer.from((await exportPKCS8(key)).replace(/-----[^-]+-----|\s/g, ""), "base64");
  const named = {
    RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    RS384: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-384" },
    PS256: { name: "RSA-PSS", hash: "SHA-256" },
    ES256: { name: "ECDSA", namedCurve: "P-256" },
    // They sign with it under its newer name, which means the same (RFC 9864).
    EdDSA: { name: "Ed25519" },
  };
  return crypto.subtle.importKey("pkcs8", pkcs8, named[alg], false, ["sign"]);
}

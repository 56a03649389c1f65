// Clients that prove themselves with a key: what two published libraries sign is believed, once.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { AuthenticationClient, ManagementClient } from "auth0";
import * as openid from "openid-client";
import { importPKCS8 } from "jose";
import { adminToken, domain, issuer, setUp } from "./helpers.mjs";

const pairs = {
  RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  EdDSA: () => generateKeyPairSync("ed25519"),
};

for (const [alg, generate] of Object.entries(pairs)) {
  describe(`private_key_jwt: ${alg}`, () => {
    const management = new ManagementClient({ domain, token: adminToken });
    const { publicKey, privateKey } = generate();
    const pkcs8 = privateKey.export({ type: "pkcs8", format: "pem" });
    let world;
    before(async () => {
      const pem = publicKey.export({ type: "spki", format: "pem" });
      const credentials = [{ credential_type: "public_key", pem, alg }];
      const application = { token_endpoint_auth_method: undefined, client_authentication_methods: { private_key_jwt: { credentials } } };
      world = await setUp(management, { application });
    });
    after(() => world.remove());

    it("openid-client is granted a token, again and again", async () => {
      const key = await importPKCS8(pkcs8, alg === "EdDSA" ? "Ed25519" : alg);
      const id = world.client.client_id;
      const configuration = await openid.discovery(new URL(issuer), id, undefined, openid.PrivateKeyJwt(key));
      assert.ok(configuration.serverMetadata().token_endpoint_auth_methods_supported.includes("private_key_jwt"));
      // It signs with Ed25519 under its newer name, which means the same (RFC 9864).
      assert.ok(configuration.serverMetadata().token_endpoint_auth_signing_alg_values_supported.includes(alg));
      for (let i = 0; i < 2; i += 1) {
        const tokens = await openid.clientCredentialsGrant(configuration, { audience: world.audience });
        assert.equal(tokens.token_type, "bearer");
      }
    });

    it("node-auth0 is granted a token", { skip: alg !== "RS256" && "it signs with RSA" }, async () => {
      const client = new AuthenticationClient({
        domain, clientId: world.client.client_id, clientAssertionSigningKey: pkcs8, clientAssertionSigningAlg: alg,
      });
      const { status } = await client.oauth.clientCredentialsGrant({ audience: world.audience });
      assert.equal(status, 200);
    });

    it("another key is refused", async () => {
      const key = await importPKCS8(generate().privateKey.export({ type: "pkcs8", format: "pem" }), alg === "EdDSA" ? "Ed25519" : alg);
      const id = world.client.client_id;
      const configuration = await openid.discovery(new URL(issuer), id, undefined, openid.PrivateKeyJwt(key));
      await assert.rejects(
        openid.clientCredentialsGrant(configuration, { audience: world.audience }), { status: 401, error: "invalid_client" });
    });
  });
}

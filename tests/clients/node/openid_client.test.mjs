// The standard's side: a certified OpenID client that knows nothing of Auth0.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ManagementClient } from "auth0";
import * as openid from "openid-client";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { adminToken, domain, issuer, setUp } from "./helpers.mjs";

const methods = {
  client_secret_post: openid.ClientSecretPost,
  client_secret_basic: openid.ClientSecretBasic,
};

for (const [method, authenticate] of Object.entries(methods)) {
  describe(`openid-client 6: ${method}`, () => {
    const management = new ManagementClient({ domain, token: adminToken });
    let world;
    before(async () => { world = await setUp(management, { application: { token_endpoint_auth_method: method } }); });
    after(() => world.remove());

    const discover = (secret = world.client.client_secret) =>
      openid.discovery(new URL(issuer), world.client.client_id, undefined, authenticate(secret));

    it("discovers the server", async () => {
      const metadata = (await discover()).serverMetadata();
      assert.equal(metadata.issuer, issuer);
      assert.equal(metadata.token_endpoint, `${issuer}oauth/token`);
      assert.equal(metadata.jwks_uri, `${issuer}.well-known/jwks.json`);
      assert.ok(metadata.token_endpoint_auth_methods_supported.includes(method));
    });

    it("is granted a token that verifies against the published keys", async () => {
      const configuration = await discover();
      const tokens = await openid.clientCredentialsGrant(configuration, { audience: world.audience, scope: "read:things" });
      assert.equal(tokens.token_type, "bearer");
      assert.equal(tokens.scope, "read:things");
      const keys = createRemoteJWKSet(new URL(configuration.serverMetadata().jwks_uri));
      const { payload } = await jwtVerify(tokens.access_token, keys, { issuer, audience: world.audience });
      assert.equal(payload.azp, world.client.client_id);
    });

    it("is refused with a wrong secret: 401", async () => {
      const configuration = await discover("wrong");
      await assert.rejects(openid.clientCredentialsGrant(configuration, { audience: world.audience }), (error) => {
        assert.equal(error.status, 401);
        // RFC 6749 section 5.2 lets the server answer Basic with a challenge, which the client then reports instead.
        if (!(error instanceof openid.WWWAuthenticateChallengeError)) assert.equal(error.error, "access_denied");
        return true;
      });
    });

    it("is refused a scope outside the grant: 403", async () => {
      const configuration = await discover();
      await assert.rejects(
        openid.clientCredentialsGrant(configuration, { audience: world.audience, scope: "write:things" }),
        { status: 403, error: "access_denied", error_description: "Client has not been granted scopes: write:things" },
      );
    });
  });
}

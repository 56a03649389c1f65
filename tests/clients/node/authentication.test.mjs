// The token endpoint, judged by the SDKs that speak Auth0's dialect.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AuthenticationClient, ManagementClient } from "auth0";
import { ManagementClient as LatestManagementClient } from "auth0-latest";
import { AuthClient } from "@auth0/auth0-auth-js";
import { adminToken, authentication, domain, issuer, part, setUp } from "./helpers.mjs";

describe("auth0 5: AuthenticationClient", () => {
  const management = new ManagementClient({ domain, token: adminToken });
  let world;
  before(async () => { world = await setUp(management, { api: { token_lifetime: 600, token_lifetime_for_web: 600 } }); });
  after(() => world.remove());

  it("is granted a token with the documented claims", async () => {
    const { data, status } = await authentication(world.client).oauth.clientCredentialsGrant({ audience: world.audience });
    assert.equal(status, 200);
    assert.equal(data.token_type, "Bearer");
    assert.equal(data.expires_in, 600);
    assert.equal(data.scope, "read:things");
    const { iss, sub, aud, azp, gty, scope, iat, exp, ...others } = part(data.access_token, 1);
    assert.deepEqual(
      { iss, sub, aud, azp, gty, scope },
      {
        iss: issuer, sub: `${world.client.client_id}@clients`, aud: world.audience, azp: world.client.client_id,
        gty: "client-credentials", scope: "read:things",
      },
    );
    assert.equal(exp - iat, 600);
    assert.deepEqual(others, {});
  });

  it("is refused with a wrong secret: 401 access_denied", () =>
    assert.rejects(
      authentication({ ...world.client, client_secret: "wrong" }).oauth.clientCredentialsGrant({ audience: world.audience }),
      { name: "AuthApiError", statusCode: 401, error: "access_denied", error_description: "Unauthorized" },
    ));

  it("is refused as an unknown client in the same words", () =>
    assert.rejects(
      authentication({ client_id: "no-such-client", client_secret: "x" })
        .oauth.clientCredentialsGrant({ audience: world.audience }),
      { statusCode: 401, error: "access_denied", error_description: "Unauthorized" },
    ));

  it("is refused an unknown audience: 403 access_denied", () =>
    assert.rejects(
      authentication(world.client).oauth.clientCredentialsGrant({ audience: "urn:nowhere" }),
      { statusCode: 403, error: "access_denied", error_description: "Service not enabled within domain: urn:nowhere" },
    ));

  it("is refused an API without a grant: 403 access_denied", async () => {
    const { id, identifier } = await management.resourceServers.create({ identifier: `${world.audience}ungranted` });
    try {
      await assert.rejects(
        authentication(world.client).oauth.clientCredentialsGrant({ audience: identifier }),
        { statusCode: 403, error: "access_denied" },
      );
    } finally {
      await management.resourceServers.delete(id);
    }
  });

  it("authenticates with a rotated secret and no longer with the old one", async () => {
    const rotated = await management.clients.rotateSecret(world.client.client_id);
    await assert.rejects(
      authentication(world.client).oauth.clientCredentialsGrant({ audience: world.audience }), { statusCode: 401 });
    const { status } = await authentication(rotated).oauth.clientCredentialsGrant({ audience: world.audience });
    assert.equal(status, 200);
    world.client = rotated;
  });
});

describe("auth0-auth-js: AuthClient", () => {
  const management = new LatestManagementClient({ domain, token: adminToken });
  let world;
  before(async () => { world = await setUp(management); });
  after(() => world.remove());

  const client = (clientSecret) => new AuthClient({ domain, clientId: world.client.client_id, clientSecret });

  it("discovers the server and is granted a token", async () => {
    const token = await client(world.client.client_secret).getTokenByClientCredentials({ audience: world.audience });
    assert.equal(part(token.accessToken, 1).aud, world.audience);
    assert.equal(token.scope, "read:things");
    assert.ok(token.expiresAt > Date.now() / 1000);
  });

  it("is refused with a wrong secret", () =>
    assert.rejects(client("wrong").getTokenByClientCredentials({ audience: world.audience }), (error) => {
      assert.equal(error.name, "TokenByClientCredentialsError");
      assert.equal(error.cause.error, "access_denied");
      return true;
    }));

  it("is refused an unknown audience", () =>
    assert.rejects(client(world.client.client_secret).getTokenByClientCredentials({ audience: "urn:nowhere" }), (error) => {
      assert.equal(error.cause.error, "access_denied");
      assert.match(error.cause.error_description, /urn:nowhere/);
      return true;
    }));
});

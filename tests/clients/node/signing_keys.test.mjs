// Rotation and revocation of the signing key, seen from a verifier. Runs last (files run in order of
// name, one at a time): revoking the first key ends every token that it signed, the runner's included.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ManagementClient } from "auth0";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import {
  accessToken, adminToken, domain, issuer, managementApplication, part, published, setUp,
} from "./helpers.mjs";

describe("signing keys", () => {
  let management = new ManagementClient({ domain, token: adminToken });
  let world, application, current, next, old;

  before(async () => {
    world = await setUp(management);
    application = await managementApplication(management, [
      "read:signing_keys", "update:signing_keys", "delete:clients", "delete:resource_servers",
    ]);
    old = await accessToken(world.client, world.audience);
    const keys = await management.keys.signing.list();
    current = keys.find((key) => key.current).kid;
    next = keys.find((key) => key.next).kid;
  });
  after(async () => {
    await world.remove(management);
    await management.clients.delete(application.client_id);
  });

  it("signs with the current key and publishes the next one beforehand", async () => {
    assert.equal(part(old, 0).kid, current);
    assert.ok((await published()).some(({ kid }) => kid === next));
  });

  it("rotates: the published next key signs, the old token stays good", async () => {
    const made = await management.keys.signing.rotate();
    assert.notEqual(made.kid, current);
    assert.notEqual(made.kid, next);
    const fresh = await accessToken(world.client, world.audience);
    assert.equal(part(fresh, 0).kid, next);
    await verify(old);
    await verify(fresh);
    const keys = await management.keys.signing.list();
    assert.equal(keys.find((key) => key.previous).kid, current);
    assert.equal(keys.find((key) => key.current).kid, next);
    assert.equal(keys.find((key) => key.next).kid, made.kid);
  });

  it("revokes the previous key: its tokens end, the others go on", async () => {
    const { kid, revoked_at } = await management.keys.signing.revoke(current);
    assert.equal(kid, current);
    assert.ok(revoked_at);
    management = new ManagementClient({
      domain, clientId: application.client_id, clientSecret: application.client_secret,
    });
    await assert.rejects(verify(old), errors.JWKSNoMatchingKey);
    await verify(await accessToken(world.client, world.audience));
    assert.ok(!(await management.keys.signing.list()).some((key) => key.kid === current && !key.revoked));
  });

  it("refuses the Management API token that the revoked key signed", async () => {
    const stranded = new ManagementClient({ domain, token: old });
    await assert.rejects(stranded.clients.list(), { statusCode: 401 });
    if (part(adminToken, 0).kid === current) {
      await assert.rejects(new ManagementClient({ domain, token: adminToken }).clients.list(), { statusCode: 401 });
    }
  });

  it("revokes neither the current nor the next key", async () => {
    for (const { kid } of (await management.keys.signing.list()).filter((key) => key.current || key.next)) {
      await assert.rejects(management.keys.signing.revoke(kid), (error) => {
        assert.ok(error.statusCode >= 400 && error.statusCode < 500);
        return true;
      });
    }
  });

  // Each verification fetches the keys anew, as a verifier that starts now would.
  const verify = (token) =>
    jwtVerify(token, createRemoteJWKSet(new URL(".well-known/jwks.json", issuer)), { issuer, audience: world.audience });
});

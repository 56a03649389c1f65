// The middleware that docs/revocation.md shows, as it stands there: what an Express API refuses that polls the token status.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { ManagementClient } from "auth0";
import express from "express";
import { auth } from "express-oauth2-jwt-bearer";
import { accessToken, adminToken, domain, eventually, issuer, setUp } from "./helpers.mjs";

describe("an API that polls the token status", () => {
  const management = new ManagementClient({ domain, token: adminToken });
  let world, server, status;

  before(async () => {
    const page = await readFile(new URL("../../../docs/revocation.md", import.meta.url), "utf8");
    const [, code] = page.match(/```js\n([^]*?)```/);
    const { tokenStatus } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    world = await setUp(management);
    status = tokenStatus(issuer, 200);
    await status.poll();
    const app = express();
    app.use(auth({ issuerBaseURL: issuer, audience: world.audience }), status.middleware);
    app.get("/things", (request, response) => response.json(request.auth.payload));
    server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(async () => {
    server?.close();
    await world?.remove();
  });

  const call = async (token) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`http://127.0.0.1:${server.address().port}/things`, { headers })).status;
  };
  const revoke = async (body) => {
    const headers = { authorization: `Bearer ${adminToken}`, "content-type": "application/json" };
    const answer = await fetch(new URL("api/x/revocations", issuer), { method: "POST", headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 201);
  };
  const token = () => accessToken(world.client, world.audience);

  it("refuses one token that is revoked, and no other", async () => {
    const one = await token();
    assert.equal(await call(one), 200);
    await revoke({ token: one });
    assert.ok(await eventually(async () => (await call(one)) === 401, 2_000));
    const other = await token();
    assert.notEqual(other, one);
    assert.equal(await call(other), 200);
  });

  for (const [kind, subject] of [
    ["client", () => world.client.client_id],
    ["client_grant", () => world.grant.id],
    ["resource_server", () => world.audience],
  ]) {
    it(`refuses all of a ${kind}, and nothing that is issued afterwards`, async () => {
      const one = await token();
      assert.equal(await call(one), 200);
      await revoke({ kind, subject: subject() });
      assert.ok(await eventually(async () => (await call(one)) === 401, 2_000));
      assert.equal(await call(await token()), 200);
    });
  }
});

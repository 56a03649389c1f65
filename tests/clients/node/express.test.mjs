// A small Express API behind express-oauth2-jwt-bearer: what it accepts, and above all what it refuses.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { ManagementClient } from "auth0";
import express from "express";
import { auth, requiredScopes } from "express-oauth2-jwt-bearer";
import { accessToken, adminToken, domain, expire, forgeries, issuer, part, setUp } from "./helpers.mjs";

const flavours = {
  RS256: { api: { signing_alg: "RS256" }, header: { alg: "RS256", typ: "JWT" } },
  PS256: {
    api: { signing_alg: "PS256" },
    header: { alg: "PS256", typ: "JWT" },
    // The published RSA key carries alg RS256; verifiers that honour it take PS256 only once the tenant leaves it out.
    flags: { remove_alg_from_jwks: true },
  },
  ES256: { api: { signing_alg: "ES256" }, header: { alg: "ES256", typ: "JWT" } },
  "RS256 in the RFC 9068 profile": {
    api: { signing_alg: "RS256", token_dialect: "rfc9068_profile" },
    header: { alg: "RS256", typ: "at+jwt" },
    // The library's strict mode demands every claim that RFC 9068 section 2.2 requires.
    strict: true,
  },
};

for (const [name, { api, header, flags = {}, strict = false }] of Object.entries(flavours)) {
  describe(`express-oauth2-jwt-bearer: ${name}`, () => {
    const management = new ManagementClient({ domain, token: adminToken });
    let world, foreign, fleeting, server, good, forged, stale;

    before(async () => {
      await setFlags(flags);
      world = await setUp(management, { api });
      foreign = await setUp(management, { api });
      fleeting = await setUp(management, { api: { ...api, token_lifetime: 1, token_lifetime_for_web: 1 } });
      good = await accessToken(world.client, world.audience);
      forged = await forgeries(good);
      stale = expire(await accessToken(fleeting.client, fleeting.audience));
      server = await serve([world.audience, fleeting.audience], strict);
    });
    after(async () => {
      server?.close();
      await setFlags(Object.fromEntries(Object.keys(flags).map((flag) => [flag, false])));
      await Promise.all([world, foreign, fleeting].map((each) => each?.remove()));
    });

    it("signs as asked", () => {
      const { alg, typ, kid } = part(good, 0);
      assert.deepEqual({ alg, typ }, header);
      assert.equal(typeof kid, "string");
    });

    it("accepts a good token", async () => {
      const answer = await call("/things", good);
      assert.equal(answer.status, 200);
      assert.equal((await answer.json()).sub, part(good, 1).sub);
    });

    it("refuses a call without a token: 401", async () => {
      const answer = await call("/things");
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get("www-authenticate"), /^Bearer realm="api"/);
      assert.doesNotMatch(answer.headers.get("www-authenticate"), /error=/);
    });

    it("refuses a missing scope: 403 insufficient_scope", async () => {
      const answer = await call("/things/new", good);
      assert.equal(answer.status, 403);
      assert.match(answer.headers.get("www-authenticate"), /error="insufficient_scope"/);
    });

    it("refuses a foreign audience: 401", async () => {
      await refused(await accessToken(foreign.client, foreign.audience), "Unexpected 'aud' value");
    });

    it("refuses an expired token: 401", async () => {
      await refused(await stale, '"exp" claim timestamp check failed');
    });

    it("refuses every forged token: 401", async (t) => {
      for (const [attack, token] of Object.entries(forged)) await t.test(attack, () => refused(token));
    });

    const setFlags = (values) =>
      Object.keys(values).length && management.tenants.settings.update({ flags: values });

    const call = (path, token) =>
      fetch(`http://127.0.0.1:${server.address().port}${path}`, token && { headers: { authorization: `Bearer ${token}` } });

    async function refused(token, reason) {
      const answer = await call("/things", token);
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get("www-authenticate"), /error="invalid_token"/);
      if (reason) assert.equal((await answer.json()).message, reason);
    }
  });
}

async function serve(audience, strict) {
  const app = express();
  app.use(auth({ issuerBaseURL: issuer, audience, strict, clockTolerance: 0 }));
  app.get("/things", requiredScopes("read:things"), (request, response) => response.json(request.auth.payload));
  app.get("/things/new", requiredScopes("write:things"), (_request, response) => response.json({}));
  app.use((error, _request, response, _next) => {
    response.status(error.status ?? 500).set(error.headers ?? {}).json({ message: error.message });
  });
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

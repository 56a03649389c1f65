// The helper against the program that COUNTERSIGN_BINARY names.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { start } from "../index.js";

let server;
before(async () => (server = await start()));
after(async () => server?.stop());

const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
const header = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url"));
const published = async (tenant) => (await (await fetch(tenant.jwksUri)).json()).keys.map((key) => key.kid);

test("a tenant has an issuer, an application and an API of its own", async () => {
  const [one, other] = await Promise.all([server.newTenant(), server.newTenant({ scopes: ["a", "b"], audience: "urn:b" })]);
  assert.notEqual(one.domain, other.domain);
  // Over HTTPS, whose authority this process believes.
  const about = await (await fetch(`${other.issuer}.well-known/openid-configuration`)).json();
  assert.equal(about.issuer, other.issuer);
  const { access_token: token, scope } = await other.token();
  assert.equal(scope, "a b");
  assert.deepEqual([claims(token).iss, claims(token).aud], [other.issuer, "urn:b"]);
  assert.ok((await published(other)).includes(header(token).kid));
  assert.ok(!(await published(one)).includes(header(token).kid));
  await assert.rejects(one.token({ client_id: other.clientId }), { status: 401 });
});

test("an application and a seed are chosen", async () => {
  const tenant = await server.newTenant({
    name: "shop",
    application: { client_id: "billing", client_secret: "a-secret-that-a-test-chose-and-everybody-knows" },
    seed: { resourceServers: [{ name: "Orders", identifier: "https://orders.example" }] },
  });
  assert.deepEqual([tenant.name, tenant.clientId], ["shop", "billing"]);
  assert.ok((await tenant.token()).access_token);
  const token = await tenant.managementToken();
  const apis = await fetch(`${tenant.http}api/v2/resource-servers`, { headers: { authorization: `Bearer ${token}` } });
  assert.ok((await apis.json()).some((api) => api.identifier === "https://orders.example"));
  await assert.rejects(server.newTenant({ name: "shop" }), { status: 409 });
  await assert.rejects(server.newTenant({ colour: "red" }), { status: 400 });
});

test("each tenant has a clock, and the server one for all", async () => {
  const [one, other] = await Promise.all([server.newTenant(), server.newTenant()]);
  assert.equal((await one.clock.set("2031-05-06T07:08:09Z", { stands: true })).toISOString(), "2031-05-06T07:08:09.000Z");
  await one.clock.advance(60);
  assert.equal(claims((await one.token()).access_token).iat, Date.parse("2031-05-06T07:09:09Z") / 1000);
  assert.ok(Math.abs(claims((await other.token()).access_token).iat - Date.now() / 1000) < 60);
  await server.clock.advance(7200);
  assert.ok(Math.abs((await other.clock.now()) - Date.now() - 7_200_000) < 60_000);
  await server.clock.reset();
  assert.ok(Math.abs((await one.clock.now()) - Date.now()) < 60_000);
});

test("a refusal and a delay happen as often as they are to", async () => {
  const tenant = await server.newTenant();
  await tenant.fault("status", { status: 429, retry_after: 3, path: "/oauth/token", times: 2 });
  await assert.rejects(tenant.token(), { status: 429 });
  await assert.rejects(tenant.token(), { status: 429 });
  assert.ok((await tenant.token()).access_token);
  await tenant.fault("latency", { milliseconds: 300 });
  const began = performance.now();
  await tenant.token();
  assert.ok(performance.now() - began >= 300);
  const { id } = await tenant.fault("status", { status: 503, times: null });
  await assert.rejects(tenant.token(), { status: 503 });
  assert.deepEqual((await tenant.faults()).map((fault) => [fault.id, fault.happened]), [[id, 1]]);
  await tenant.removeFault(id);
  assert.ok((await tenant.token()).access_token);
});

test("a token has a flaw, and the next has none", async () => {
  const tenant = await server.newTenant();
  const kids = await published(tenant);
  await tenant.fault("wrong_kid");
  assert.ok(!kids.includes(header((await tenant.token()).access_token).kid));
  await tenant.fault("expired_token");
  const { exp, iat } = claims((await tenant.token()).access_token);
  assert.ok(exp < Date.now() / 1000 - 3000 && iat < exp);
  const { access_token: token } = await tenant.token();
  assert.ok(kids.includes(header(token).kid) && claims(token).exp > Date.now() / 1000);
  await tenant.fault("rotated_key");
  const rotated = header((await tenant.token()).access_token).kid;
  assert.ok(!kids.includes(rotated) && (await published(tenant)).includes(rotated));
});

test("what is removed is gone", async () => {
  const tenant = await server.newTenant();
  await tenant.fault("status");
  await tenant.clearFaults();
  await tenant.remove();
  await assert.rejects(tenant.token());
  await assert.rejects(tenant.clock.now(), { status: 404 });
});

test("a seed file is applied, and nothing is left behind", async () => {
  const folder = await mkdtemp(join(tmpdir(), "seed-"));
  const seed = join(folder, "tenant.yaml");
  await writeFile(seed, "resourceServers: [{ name: Orders, identifier: 'urn:orders' }]\n");
  const own = await start({ seed, trusted: false });
  const kept = dirname(dirname(own.ca));
  assert.ok(existsSync(kept));
  const token = await own.tenant.managementToken();
  const apis = await fetch(`${own.tenant.http}api/v2/resource-servers`, { headers: { authorization: `Bearer ${token}` } });
  assert.ok((await apis.json()).some((api) => api.identifier === "urn:orders"));
  await own.stop();
  assert.ok(!existsSync(kept));
  await rm(folder, { recursive: true });
});

test("whoever forgets to stop it leaves nothing running", async () => {
  const script = `import { start } from "${new URL("../index.js", import.meta.url)}"; console.log((await start()).pid);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  const gone = () => {
    try {
      process.kill(Number(stdout), 0);
      return false;
    } catch {
      return true;
    }
  };
  for (let i = 0; i < 100 && !gone(); i++) await new Promise((done) => setTimeout(done, 50));
  assert.ok(gone());
});

test("what does not start says why", async () => {
  await assert.rejects(start({ seed: "missing.yaml" }), /missing\.yaml/);
  await assert.rejects(start({ binary: "no-such-program" }));
});

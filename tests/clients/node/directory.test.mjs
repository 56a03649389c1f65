// People, roles, tickets and jobs over the Management API, by the same two generations of the SDK as management.test.mjs.
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { after, before, describe, it } from "node:test";
import * as auth0 from "auth0";
import * as auth0Latest from "auth0-latest";
import { adminToken, authentication, domain, eventually, issuer, part, setUp, unique } from "./helpers.mjs";

const PASSWORD_REALM = "http://auth0.com/oauth/grant-type/password-realm";
const REALM = "Username-Password-Authentication";
const password = () => `${unique("Correct-Horse")}!`;
const all = async (page) => {
  const found = [];
  for await (const each of page) found.push(each);
  return found;
};

for (const [name, { ManagementClient }] of Object.entries({ "auth0 5": auth0, "auth0 latest": auth0Latest })) {
  describe(`${name}: people and what surrounds them`, () => {
    const management = new ManagementClient({ domain, token: adminToken });
    const made = [];
    const makeUser = async (more = {}) => {
      const user = await management.users.create({ connection: REALM, email: `${unique("eve")}@example.com`, password: password(), ...more });
      made.push(user.user_id);
      return user;
    };
    after(() => Promise.all(made.map((id) => management.users.delete(id))));

    describe("users", () => {
      it("are created, read and found by their address", async () => {
        const user = await makeUser({ given_name: "Eve", user_metadata: { colour: "blue" }, app_metadata: { plan: "free" } });
        assert.match(user.user_id, /^auth0\|[0-9a-f]{24}$/);
        const found = await management.users.get(user.user_id);
        assert.deepEqual([found.email, found.given_name, found.email_verified], [user.email, "Eve", false]);
        assert.deepEqual(found.identities.map(({ connection, provider, isSocial }) => [connection, provider, isSocial]), [[REALM, "auth0", false]]);
        assert.equal("password" in found, false);
        const [same, ...others] = await management.users.listUsersByEmail({ email: user.email });
        assert.deepEqual([same.user_id, others], [user.user_id, []]);
      });

      it("keep what a patch of their metadata does not name", async () => {
        const user = await makeUser({ user_metadata: { colour: "blue", size: "l" }, app_metadata: { plan: "free" } });
        const patched = await management.users.update(user.user_id, { user_metadata: { colour: "red" }, app_metadata: {} });
        assert.deepEqual(patched.user_metadata, { colour: "red", size: "l" });
        const emptied = await management.users.update(user.user_id, { user_metadata: {} });
        assert.deepEqual(emptied.user_metadata, {});
      });

      it("are searched, in pages with totals", async () => {
        const family_name = unique("Family").replaceAll("-", "");
        const people = await Promise.all([1, 2, 3].map((n) => makeUser({ family_name, user_metadata: { n } })));
        const q = `family_name:"${family_name}"`;
        const page = await management.users.list({ q, search_engine: "v3", per_page: 2, include_totals: true, sort: "created_at:1" });
        assert.deepEqual([page.response.total, page.data.length], [3, 2]);
        assert.deepEqual(new Set((await all(page)).map(({ user_id }) => user_id)), new Set(people.map(({ user_id }) => user_id)));
        const second = await management.users.list({ q: `${q} AND user_metadata.n:2`, search_engine: "v3" });
        assert.deepEqual(second.data.map(({ user_id }) => user_id), [people[1].user_id]);
      });

      it("are blocked: their password is worth nothing then", async () => {
        const world = await setUp(management, { application: { grant_types: [PASSWORD_REALM], app_type: "regular_web" } });
        try {
          const secret = password();
          const user = await makeUser({ password: secret });
          const log = () => authentication(world.client).oauth.passwordGrant({ username: user.email, password: secret, realm: REALM, scope: "openid" });
          assert.equal(part((await log()).data.id_token, 1).sub, user.user_id);
          await management.users.update(user.user_id, { blocked: true });
          await assert.rejects(log(), { statusCode: 403, error: "access_denied", error_description: "user is blocked" });
          const kinds = async () => (await management.users.logs.list(user.user_id)).data.map(({ type }) => type);
          assert.ok(await eventually(async () => (await kinds()).some((type) => type.startsWith("f"))), "the refusal is in the log");
        } finally {
          await world.remove();
        }
      });

      it("are linked and parted", async () => {
        const [first, second] = [await makeUser(), await makeUser()];
        const [, id] = second.user_id.split("|");
        const linked = await management.users.identities.link(first.user_id, { provider: "auth0", user_id: id });
        assert.deepEqual(linked.map(({ user_id }) => user_id), [first.user_id.split("|")[1], id]);
        await assert.rejects(management.users.get(second.user_id), { statusCode: 404 });
        const left = await management.users.identities.delete(first.user_id, "auth0", id);
        assert.equal(left.length, 1);
        assert.equal((await management.users.get(second.user_id)).email, second.email);
      });

      it("are refused twice with one address, and with a weak password", async () => {
        const { email } = await makeUser();
        await assert.rejects(management.users.create({ connection: REALM, email, password: password() }), { statusCode: 409 });
        await assert.rejects(management.users.create({ connection: REALM, email: `${unique("weak")}@example.com`, password: "abc" }), { statusCode: 400 });
      });
    });

    describe("roles", () => {
      let world, role, user;
      before(async () => {
        world = await setUp(management, {
          api: { enforce_policies: true, token_dialect: "access_token_authz" },
          application: { grant_types: [PASSWORD_REALM], app_type: "regular_web" },
        });
        role = await management.roles.create({ name: unique("Editor"), description: "Changes things" });
      });
      after(async () => {
        await management.roles.delete(role.id);
        await world.remove();
      });

      it("are created, renamed and listed", async () => {
        assert.match(role.id, /^rol_[A-Za-z0-9]{16}$/);
        const description = unique("Reads");
        assert.equal((await management.roles.update(role.id, { description })).description, description);
        const page = await management.roles.list({ name_filter: role.name });
        assert.deepEqual(page.data.map(({ id }) => id), [role.id]);
      });

      it("give their permissions to whoever has them, and to the token", async () => {
        const secret = password();
        user = await makeUser({ password: secret });
        const permission = { resource_server_identifier: world.audience, permission_name: "read:things" };
        await management.roles.permissions.add(role.id, { permissions: [permission] });
        const [given] = (await management.roles.permissions.list(role.id)).data;
        assert.deepEqual([given.permission_name, given.resource_server_identifier], ["read:things", world.audience]);
        await management.users.roles.assign(user.user_id, { roles: [role.id] });
        assert.deepEqual((await management.users.roles.list(user.user_id)).data.map(({ id }) => id), [role.id]);
        assert.deepEqual((await all(await management.roles.users.list(role.id))).map(({ user_id }) => user_id), [user.user_id]);
        const [through] = (await management.users.permissions.list(user.user_id)).data;
        assert.deepEqual([through.permission_name, through.sources[0].source_id], ["read:things", role.id]);
        const { data } = await authentication(world.client).oauth.passwordGrant({
          username: user.email, password: secret, realm: REALM, audience: world.audience, scope: "openid read:things write:things",
        });
        assert.deepEqual(part(data.access_token, 1).permissions, ["read:things"]);
      });

      it("are taken away again", async () => {
        await management.users.roles.delete(user.user_id, { roles: [role.id] });
        assert.deepEqual((await management.users.roles.list(user.user_id)).data, []);
        assert.deepEqual((await management.users.permissions.list(user.user_id)).data, []);
      });
    });

    describe("tickets", () => {
      it("prove an address", async () => {
        const user = await makeUser();
        const { ticket } = await management.tickets.verifyEmail({ user_id: user.user_id });
        assert.ok(ticket.startsWith(issuer), ticket);
        assert.ok((await fetch(ticket)).status < 400);
        assert.equal((await management.users.get(user.user_id)).email_verified, true);
      });

      it("lead to the form for another password", async () => {
        const user = await makeUser();
        const { ticket } = await management.tickets.changePassword({ user_id: user.user_id, mark_email_as_verified: true });
        const answer = await fetch(ticket);
        assert.equal(answer.status, 200);
        assert.match(await answer.text(), /type="password"/);
      });

      it("are refused for nobody", () =>
        assert.rejects(management.tickets.changePassword({ user_id: "auth0|000000000000000000000000" }), { statusCode: 404 }));
    });

    describe("jobs", () => {
      const ended = async ({ id }) => eventually(async () => {
        const job = await management.jobs.get(id);
        return ["completed", "failed"].includes(job.status) && job;
      }, 30_000);
      let connection_id;
      before(async () => {
        const page = await management.connections.list({ strategy: ["auth0"], name: REALM });
        connection_id = page.data[0].id;
      });

      it("import users, and tell of each that failed", async () => {
        const [good, bad] = [`${unique("imported")}@example.com`, { email: "no address" }];
        const users = new File([JSON.stringify([{ email: good, given_name: "Im" }, bad])], "users.json", { type: "application/json" });
        const job = await ended(await management.jobs.usersImports.create({ users, connection_id, external_id: "from a test", send_completion_email: false }));
        assert.deepEqual([job.type, job.status, job.external_id], ["users_import", "completed", "from a test"]);
        assert.deepEqual(job.summary, { total: 2, inserted: 1, updated: 0, failed: 1 });
        const [error, ...more] = await management.jobs.errors.get(job.id);
        assert.deepEqual([error.user, more], [bad, []]);
        const [found] = await management.users.listUsersByEmail({ email: good });
        made.push(found.user_id);
        assert.equal(found.given_name, "Im");
      });

      it("export users to a link", async () => {
        const user = await makeUser();
        const fields = [{ name: "user_id" }, { name: "email", export_as: "address" }];
        const job = await ended(await management.jobs.usersExports.create({ connection_id, format: "json", fields }));
        assert.equal(job.status, "completed");
        const file = await fetch(job.location);
        assert.equal(file.status, 200);
        const bytes = Buffer.from(await file.arrayBuffer());
        const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
        const lines = text.trim().split("\n").map((line) => JSON.parse(line));
        assert.deepEqual(lines.find(({ user_id }) => user_id === user.user_id), { user_id: user.user_id, address: user.email });
      });

      it("send the mail that proves an address", async () => {
        const user = await makeUser();
        const job = await ended(await management.jobs.verificationEmail.create({ user_id: user.user_id }));
        assert.deepEqual([job.type, job.status], ["verification_email", "completed"]);
      });
    });
  });
}

// The Management API, judged by two generations of the published SDK: the same calls for each.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as auth0 from "auth0";
import * as auth0Latest from "auth0-latest";
import { ManagementClient as LegacyManagementClient } from "auth0/legacy";
import {
  accessToken, adminToken, domain, eventually, forgeries, managementApplication, managementAudience, setUp, unique,
} from "./helpers.mjs";

for (const [name, { Management, ManagementClient }] of Object.entries({ "auth0 5": auth0, "auth0 latest": auth0Latest })) {
  describe(`${name}: ManagementClient`, () => {
    const management = new ManagementClient({ domain, token: adminToken });

    describe("clients", () => {
      let client;
      before(async () => {
        client = await management.clients.create({
          name: unique("client"),
          app_type: "non_interactive",
          description: "made by a test",
          client_metadata: { kept: "yes", changed: "old", removed: "soon" },
        });
      });
      after(() => management.clients.delete(client.client_id));

      it("creates with a generated id and secret", () => {
        assert.match(client.client_id, /^[A-Za-z0-9]{32}$/);
        assert.match(client.client_secret, /^[A-Za-z0-9_-]{64}$/);
        assert.equal(client.app_type, "non_interactive");
        assert.equal(client.is_first_party, true);
        assert.ok(client.grant_types.includes("client_credentials"));
      });

      it("gets what was created", async () => {
        const found = await management.clients.get(client.client_id);
        assert.equal(found.name, client.name);
        assert.equal(found.client_secret, client.client_secret);
        assert.deepEqual(found.client_metadata, client.client_metadata);
      });

      it("gets only the fields asked for", async () => {
        const found = await management.clients.get(client.client_id, { fields: "name,client_id", include_fields: true });
        assert.equal(found.name, client.name);
        assert.equal(found.app_type, undefined);
        assert.equal(found.client_secret, undefined);
      });

      it("lists in pages with totals", async () => {
        const more = await Promise.all([1, 2].map(() => management.clients.create({ name: unique("listed") })));
        try {
          const page = await management.clients.list({ per_page: 2, include_totals: true });
          assert.equal(page.response.start, 0);
          assert.equal(page.response.limit, 2);
          assert.ok(page.response.total >= 3);
          assert.equal(page.data.length, 2);
          const seen = [];
          for await (const each of page) seen.push(each.client_id);
          assert.equal(new Set(seen).size, seen.length, "no client comes twice");
          for (const { client_id } of [client, ...more]) assert.ok(seen.includes(client_id));
        } finally {
          await Promise.all(more.map(({ client_id }) => management.clients.delete(client_id)));
        }
      });

      it("merges client_metadata and deletes its nulls", async () => {
        const client_metadata = { changed: "new", removed: null, added: "too" };
        const updated = await management.clients.update(client.client_id, { client_metadata });
        assert.deepEqual(updated.client_metadata, { kept: "yes", changed: "new", added: "too" });
        const found = await management.clients.get(client.client_id);
        assert.deepEqual(found.client_metadata, updated.client_metadata);
        assert.equal(found.description, "made by a test");
      });

      it("rotates the secret", async () => {
        const rotated = await management.clients.rotateSecret(client.client_id);
        assert.equal(rotated.client_id, client.client_id);
        assert.match(rotated.client_secret, /^[A-Za-z0-9_-]{64}$/);
        assert.notEqual(rotated.client_secret, client.client_secret);
      });

      it("deletes", async () => {
        const { client_id } = await management.clients.create({ name: unique("short-lived") });
        await management.clients.delete(client_id);
        await refused(management.clients.get(client_id), 404, "inexistent_client");
      });
    });

    describe("resourceServers", () => {
      let api;
      before(async () => {
        api = await management.resourceServers.create({
          name: unique("api"),
          identifier: `https://${unique("api")}.example/a path/?and=query`,
          scopes: [{ value: "read:things", description: "Read things" }],
        });
      });
      after(() => management.resourceServers.delete(api.id));

      it("creates with the measured defaults", () => {
        assert.match(api.id, /^[0-9a-f]{24}$/);
        assert.equal(api.signing_alg, "RS256");
        assert.equal(api.token_lifetime, 86400);
        assert.equal(api.token_lifetime_for_web, 7200);
        assert.equal(api.allow_offline_access, false);
      });

      it("gets by id and by identifier", async () => {
        assert.deepEqual(await management.resourceServers.get(api.id), await management.resourceServers.get(api.identifier));
      });

      it("lists with totals, the system API among them", async () => {
        const seen = [];
        const page = await management.resourceServers.list({ per_page: 2 });
        assert.ok(page.response.total >= 2);
        for await (const each of page) seen.push(each.identifier);
        assert.ok(seen.includes(api.identifier));
        assert.ok(seen.includes(managementAudience));
      });

      it("updates, replacing the scopes", async () => {
        const updated = await management.resourceServers.update(api.id, {
          token_lifetime: 600, token_lifetime_for_web: 300, scopes: [{ value: "write:things" }],
        });
        assert.equal(updated.token_lifetime, 600);
        assert.deepEqual(updated.scopes, [{ value: "write:things" }]);
        assert.equal((await management.resourceServers.get(api.id)).name, api.name);
      });

      it("deletes", async () => {
        const { id } = await management.resourceServers.create({ identifier: unique("urn:short-lived") });
        await management.resourceServers.delete(id);
        await refused(management.resourceServers.get(id), 404, "inexistent_resource_server");
      });
    });

    describe("clientGrants", () => {
      let world;
      before(async () => { world = await setUp(management); });
      after(() => world.remove());

      it("creates", () => {
        assert.match(world.grant.id, /^cgr_[A-Za-z0-9]{16}$/);
        assert.equal(world.grant.client_id, world.client.client_id);
        assert.equal(world.grant.audience, world.audience);
        assert.deepEqual(world.grant.scope, ["read:things"]);
      });

      it("gets by id", async () => {
        const found = await management.clientGrants.get(world.grant.id);
        assert.equal(found.audience, world.audience);
      });

      it("lists by client and by audience", async () => {
        for (const filter of [{ client_id: world.client.client_id }, { audience: world.audience }]) {
          const page = await management.clientGrants.list(filter);
          assert.deepEqual(page.data.map(({ id }) => id), [world.grant.id]);
        }
      });

      it("walks the list by checkpoint", async () => {
        const second = await setUp(management);
        try {
          const page = await management.clientGrants.list({ take: 1 });
          assert.equal(page.data.length, 1);
          assert.ok(page.hasNextPage(), "the first page carries a cursor");
          const seen = [];
          for await (const { id } of page) seen.push(id);
          assert.equal(new Set(seen).size, seen.length, "no grant comes twice");
          for (const { grant } of [world, second]) assert.ok(seen.includes(grant.id));
        } finally {
          await second.remove();
        }
      });

      it("updates the scope", async () => {
        const updated = await management.clientGrants.update(world.grant.id, { scope: ["read:things", "write:things"] });
        assert.deepEqual(updated.scope, ["read:things", "write:things"]);
      });

      it("deletes", async () => {
        const other = await setUp(management);
        try {
          await management.clientGrants.delete(other.grant.id);
          await refused(management.clientGrants.get(other.grant.id), 404, "inexistent_client_grant");
        } finally {
          await other.remove();
        }
      });
    });

    describe("tenant, keys and logs", () => {
      it("gets and updates the tenant settings", async () => {
        const { friendly_name } = await management.tenants.settings.get();
        const renamed = unique("tenant");
        const updated = await management.tenants.settings.update({ friendly_name: renamed });
        assert.equal(updated.friendly_name, renamed);
        assert.equal((await management.tenants.settings.get({ fields: "friendly_name" })).friendly_name, renamed);
        await management.tenants.settings.update({ friendly_name: friendly_name ?? "Countersign" });
      });

      it("lists the signing keys, one current and one next", async () => {
        const keys = await management.keys.signing.list();
        assert.equal(keys.filter(({ current }) => current).length, 1);
        assert.equal(keys.filter(({ next }) => next).length, 1);
        const { kid, cert } = keys.find(({ current }) => current);
        assert.match(cert, /^-----BEGIN CERTIFICATE-----/);
        assert.equal((await management.keys.signing.get(kid)).kid, kid);
      });

      it("lists the logs and gets one of them", async () => {
        const world = await setUp(management);
        try {
          await accessToken(world.client, world.audience);
          const issued = await eventually(async () => {
            const page = await management.logs.list({ per_page: 50, sort: "date:-1" });
            return page.data.find(({ type, client_id }) => type === "seccft" && client_id === world.client.client_id);
          });
          assert.ok(issued, "the issued token is logged");
          const found = await management.logs.get(issued.log_id);
          assert.equal(found.client_id, world.client.client_id);
        } finally {
          await world.remove();
        }
      });
    });

    describe("with the credentials of a granted application", () => {
      let application, granted;
      before(async () => {
        application = await managementApplication(management, ["read:clients"]);
        granted = new ManagementClient({
          domain, clientId: application.client_id, clientSecret: application.client_secret,
        });
      });
      after(() => management.clients.delete(application.client_id));

      it("fetches its own token and calls", async () => {
        assert.equal((await granted.clients.get(application.client_id)).name, application.name);
      });

      it("is refused what was not granted: 403 insufficient_scope", async () => {
        const error = await refused(granted.clients.create({ name: unique("never") }), 403, "insufficient_scope");
        assert.ok(error instanceof Management.ForbiddenError);
        assert.match(error.body.message, /create:clients/);
      });

      it("is refused with a wrong secret", async () => {
        const intruder = new ManagementClient({ domain, clientId: application.client_id, clientSecret: "wrong" });
        await assert.rejects(intruder.clients.get(application.client_id));
      });
    });

    describe("errors", () => {
      it("404 of an unknown client", async () => {
        const error = await refused(management.clients.get("no-such-client"), 404, "inexistent_client");
        assert.ok(error instanceof Management.NotFoundError);
        assert.equal(error.body.message, "The client does not exist");
      });

      it("409 of an identifier in use", async () => {
        const identifier = unique("urn:taken");
        const { id } = await management.resourceServers.create({ identifier });
        try {
          const error = await refused(management.resourceServers.create({ identifier }), 409);
          assert.ok(error instanceof Management.ConflictError);
          assert.match(error.body.message, /already exists/);
        } finally {
          await management.resourceServers.delete(id);
        }
      });

      it("409 of a second grant", async () => {
        const world = await setUp(management);
        try {
          const again = { client_id: world.client.client_id, audience: world.audience, scope: [] };
          const error = await refused(management.clientGrants.create(again), 409);
          assert.match(error.body.message, /already exists/);
        } finally {
          await world.remove();
        }
      });

      it("400 of an unknown property", async () => {
        const error = await refused(management.clients.create({ name: "x", no_such_property: 1 }), 400, "invalid_body");
        assert.ok(error instanceof Management.BadRequestError);
        assert.match(error.body.message, /Additional properties not allowed: no_such_property/);
      });

      it("400 of a missing property", async () => {
        const error = await refused(management.clients.create({}), 400, "invalid_body");
        assert.match(error.body.message, /Missing required property: name/);
      });

      it("401 of a token that is none", async () => {
        const intruder = new ManagementClient({ domain, token: "not-a-token" });
        const error = await refused(intruder.clients.list(), 401);
        assert.ok(error instanceof Management.UnauthorizedError);
      });
    });
  });

  async function refused(call, status, errorCode) {
    const error = await call.then(() => assert.fail(`expected ${status}, got an answer`), (reason) => reason);
    assert.equal(error.statusCode, status, String(error));
    assert.equal(error.body.statusCode, status);
    assert.equal(typeof error.body.error, "string");
    assert.equal(typeof error.body.message, "string");
    if (errorCode) assert.equal(error.body.errorCode, errorCode);
    return error;
  }
}

describe("auth0 4, the legacy export: ManagementClient", () => {
  const management = new LegacyManagementClient({ domain, token: adminToken });

  it("walks the clients by checkpoint", async () => {
    const made = await Promise.all([1, 2, 3].map(() => management.clients.create({ name: unique("walked") })));
    const seen = [];
    let from;
    do {
      const { data } = await management.clients.getAll({ take: 2, ...(from && { from }) });
      assert.ok(data.clients.length <= 2);
      seen.push(...data.clients.map(({ client_id }) => client_id));
      from = data.next;
    } while (from);
    assert.equal(new Set(seen).size, seen.length, "no client comes twice");
    for (const { data } of made) assert.ok(seen.includes(data.client_id));
    await Promise.all(made.map(({ data }) => management.clients.delete({ client_id: data.client_id })));
  });

  it("lists a bare array when nothing asks for more", async () => {
    const { data } = await management.clients.getAll();
    assert.ok(Array.isArray(data));
  });

  it("maps an error to statusCode, errorCode and message", async () => {
    await assert.rejects(management.clients.get({ client_id: "no-such-client" }), {
      name: "ManagementApiError", statusCode: 404, errorCode: "inexistent_client", msg: "The client does not exist",
    });
  });
});

describe("the Management API as a verifier", () => {
  it("takes no forged token", async () => {
    for (const [attack, token] of Object.entries(await forgeries(adminToken))) {
      const intruder = new auth0.ManagementClient({ domain, token });
      await assert.rejects(intruder.clients.list({ per_page: 1 }), { statusCode: 401 }, attack);
    }
  });

  it("takes no token of another audience", async () => {
    const world = await setUp(new auth0.ManagementClient({ domain, token: adminToken }));
    try {
      const token = await accessToken(world.client, world.audience);
      const intruder = new auth0.ManagementClient({ domain, token });
      await assert.rejects(intruder.clients.list({ per_page: 1 }), { statusCode: 401 });
    } finally {
      await world.remove();
    }
  });
});

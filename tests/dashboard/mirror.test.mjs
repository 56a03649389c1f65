// The walk from the API's side, with the keyboard alone: an API, its Permissions, its Machine to Machine Applications, and
// Test: a real call, whose token the API's middleware then accepts.
import assert from "node:assert/strict";
import { after, it } from "node:test";
import { byKeyboard, focused } from "./support/keyboard.mjs";
import { expectChecks } from "./support/inspector.mjs";
import { serveOrders } from "./support/orders.mjs";
import { settled } from "./support/pages.mjs";
import { machine } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const AUDIENCE = "https://orders.example";
const here = world({ prepare: async (server) => ({ client: await server.api("/api/v2/clients", { body: machine("nightly-job") }) }) });
let orders;
after(() => orders?.close());

const keys = () => byKeyboard(here.page);
const nav = () => here.page.getByRole("navigation", { name: "Main" });
const tab = (name) => here.page.getByRole("navigation", { name: /^Sections of/ }).getByRole("link", { name, exact: true });
const dialog = () => here.page.getByRole("dialog");
const stored = async () => (await here.server.api("/api/v2/resource-servers")).find(({ identifier }) => identifier === AUDIENCE);

async function goTo(name) {
  await keys().press("Control+Home");
  await keys().reach(tab(name), "Tab");
  await keys().press("Enter");
  await settled(here.page);
}

it("APIs → Create API", async () => {
  const { page } = here;
  await keys().follow("APIs", nav());
  await page.getByRole("heading", { level: 1, name: "APIs" }).waitFor();
  await keys().activate(page.getByRole("button", { name: "Create API" }).first());
  await focused(dialog().getByLabel(/^Name/));
  await keys().type("Orders API");
  await keys().fill(/^Identifier/, AUDIENCE, dialog());
  await keys().button("Create", dialog());
  await page.waitForURL("**/quickstart");
  assert.equal((await stored()).signing_alg, "RS256");
});

it("→ Permissions", async () => {
  const { page } = here;
  await goTo("Permissions");
  for (const [scope, description] of [["read:orders", "Read orders"], ["delete:orders", "Delete orders"]]) {
    await keys().fill(/^Permission/, scope);
    await keys().fill(/^Description/, description);
    await keys().press("Enter");
    await page.getByRole("table", { name: "Permissions" }).getByRole("row").filter({ hasText: scope }).waitFor();
  }
  assert.deepEqual((await stored()).scopes, [{ value: "read:orders", description: "Read orders" }, { value: "delete:orders", description: "Delete orders" }]);
});

it("→ Machine to Machine Applications: authorize, choose permissions, Update", async () => {
  const { page, server, client } = here;
  await goTo("Machine to Machine Applications");
  await keys().turnOn(/nightly-job/);
  const scopes = page.getByRole("group", { name: "Permissions of nightly-job" });
  await keys().check(/^read:orders/, scopes);
  await keys().button("Update");
  await page.getByText("1 of 2 permissions").first().waitFor();
  const grant = await eventually(async () => {
    const [grant] = await server.api(`/api/v2/client-grants?client_id=${client.client_id}`);
    return grant?.scope.length === 1 && grant;
  }, "the grant");
  assert.deepEqual([grant.audience, grant.scope], [AUDIENCE, ["read:orders"]]);
});

it("→ Test: a real call, its token decoded and explained", async () => {
  const { page, server, client } = here;
  await goTo("Test");
  await page.getByRole("heading", { name: "Ask for a token" }).waitFor();
  await keys().choose("As a real call");
  await keys().button("Get token");
  await expectChecks(page);
  const explained = page.getByRole("main");
  await explained.getByText(`${client.client_id}@clients`).first().waitFor();
  await explained.getByText("seccft").waitFor();
  await keys().button(/^Copy Send it to your API/);
  const command = await eventually(async () => {
    const text = await page.evaluate(() => navigator.clipboard.readText());
    return text.startsWith("curl") && text;
  }, "the command on the clipboard");
  const [, token] = command.match(/Bearer ([\w.-]+)/i);
  orders = await serveOrders(server, AUDIENCE);
  assert.equal((await orders.call(token)).status, 200);
  assert.equal((await orders.call(token, "DELETE")).status, 403);
});

// Writes docs/screenshots: every page, light and dark, 1280 pixels wide. Part of the run only when it is asked for, so
// that the tree stays clean otherwise.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, rmSync, statSync } from "node:fs";
import { it } from "node:test";
import { promisify } from "node:util";
import { open, pages, settled } from "./support/pages.mjs";
import { makePeople } from "./support/people.mjs";
import { machine, makeAction, makeConnection, makeLogStream, makeRules, ORDERS } from "./support/sample.mjs";
import { OWNER, setUp } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const FOLDER = new URL("../../docs/screenshots/", import.meta.url).pathname;
const THEMES = ["light", "dark"];
const MOST_BYTES = 100_000;

const here = world({
  isSetUp: false,
  reducedMotion: "reduce",
  prepare: async (server) => {
    const made = { ...(await makeShop(server)), ...(await makeAction(server)), ...(await makeRules(server)), ...(await makePeople(server)) };
    await server.restart((dataDir) => promisify(execFile)(new URL("support/spread", import.meta.url).pathname, [dataDir]));
    const connection = { ...(await makeConnection(server)), ...(await makeLogStream(server)) };
    const logs = await server.api("/api/v2/logs?q=type:feccft&sort=date:-1");
    const system = (await server.api("/api/v2/resource-servers")).find(({ is_system }) => is_system);
    return { ...made, ...connection, log_id: logs[0].log_id, system_id: encodeURIComponent(system.id) };
  },
});

/** A shop with a few services, of which some do better than others. */
async function makeShop(server) {
  for (const { client_id } of await server.api("/api/v2/clients?is_global=false")) await server.api(`/api/v2/clients/${client_id}`, { method: "DELETE" });
  const api = await server.api("/api/v2/resource-servers", { body: ORDERS });
  const stock = await server.api("/api/v2/resource-servers", {
    body: { name: "Stock API", identifier: "https://stock.example", signing_alg: "ES256", scopes: [{ value: "read:stock", description: "Read the stock" }, { value: "write:stock", description: "Change the stock" }] },
  });
  await server.api("/api/v2/resource-servers", { body: { name: "Invoices API", identifier: "https://invoices.example", token_lifetime: 3600, scopes: [{ value: "read:invoices" }] } });
  const make = (body) => server.api("/api/v2/clients", { body });
  const client = await make(machine("nightly-job", { description: "Closes the day’s orders", client_metadata: { team: "fulfilment", pager: "#orders" } }));
  const shop = await make(machine("shop-backend"));
  const keeper = await make(machine("stock-keeper"));
  const mailer = await make(machine("report-mailer"));
  await make({ name: "storefront", app_type: "spa", token_endpoint_auth_method: "none", callbacks: ["https://shop.example/callback"] });
  await make({ name: "back office", app_type: "regular_web", callbacks: ["https://office.example/callback"] });
  const allow = ({ client_id }, { identifier }, scope) => server.api("/api/v2/client-grants", { body: { client_id, audience: identifier, scope } });
  await allow(client, api, ["read:orders", "list:orders"]);
  await allow(client, stock, ["read:stock"]);
  await allow(shop, api, ["read:orders", "create:orders"]);
  await allow(keeper, stock, ["read:stock", "write:stock"]);
  const times = async (count, request) => {
    for (let done = 0; done < count; done++) await request();
  };
  const token = ({ client_id, client_secret }, { identifier }, secret = client_secret) => () =>
    server.token(client_id, secret, identifier, { headers: { "user-agent": "node" } });
  await times(34, token(shop, api));
  await times(18, token(client, api));
  await times(12, token(keeper, stock));
  await times(7, token(client, stock));
  await times(4, token(mailer, api));
  await times(3, token(client, api, "an old secret"));
  await times(2, () => server.token("no-such-client", "x", api.identifier));
  await times(26, token(shop, api));
  await server.api(`/api/v2/clients/${client.client_id}`, { method: "PATCH", body: { is_token_endpoint_ip_header_trusted: true } });
  await server.api("/api/x/tenants", { body: { name: "acme-live", environment: "production" } });
  return { client_id: client.client_id, api_id: api.id };
}

/** Has the pages name the authority's file as an installation would, and not the scratch folder of this run. */
async function withoutScratchPaths(context) {
  await context.route("**/dashboard/**", async (route) => {
    if (route.request().resourceType() !== "document") return route.fallback();
    const response = await route.fetch({ maxRedirects: 0 });
    const body = (await response.text()).replace(/"ca":"[^"]*"/, '"ca":"data/tls/ca.pem"');
    return route.fulfill({ response, body });
  });
}

async function take(name, page = here.page) {
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(250);
    const path = `${FOLDER}${name}-${colorScheme}.png`;
    await page.screenshot({ path, animations: "disabled", caret: "hide" });
    // A third of the size, and the eye sees no difference.
    await promisify(execFile)("pngquant", ["--quality=0-95", "--strip", "--force", "--output", path, path]);
    assert.ok(statSync(path).size <= MOST_BYTES, `${name}-${colorScheme}.png has ${statSync(path).size} bytes`);
  }
}

it("shows the server being set up, and the login", async () => {
  const { page, server } = here;
  await withoutScratchPaths(here.context);
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.goto(await server.setUpLink());
  await take("set-up");
  await setUp(page, await server.setUpLink(), OWNER);
  await server.api("/api/x/administrators", { body: { email: "ben@acme.example", roles: ["editor_apis"] } });
  const context = await here.openContext({ viewport: { width: 1280, height: 860 } });
  const login = await context.newPage();
  await login.goto("/dashboard/");
  await login.getByRole("heading", { name: "Log in" }).waitFor();
  await take("log-in", login);
  await context.close();
});

it("shows every page", async () => {
  const { page } = here;
  for (const [name, path] of Object.entries(pages(here))) {
    await open(page, path);
    // Plots come a moment after their page.
    await page.waitForTimeout(400);
    await take(name);
  }
});

it("shows what opens over pages", async () => {
  const { page, server } = here;
  await open(page, `/applications/${here.client_id}/settings`);
  await page.keyboard.press("Control+K");
  await page.getByRole("dialog", { name: "Search and commands" }).waitFor();
  await page.keyboard.type("night");
  await page.getByRole("option").filter({ hasText: "nightly-job" }).first().waitFor();
  await take("palette");
  await page.keyboard.press("Escape");

  await page.getByLabel("Description").fill("Closes the day’s orders and sends the totals");
  await page.getByRole("button", { name: "Review" }).click();
  await page.getByRole("dialog", { name: "Review changes" }).waitFor();
  await take("review");
  await page.keyboard.press("Escape");

  await server.api(`/api/v2/clients/${here.client_id}`, { method: "PATCH", body: { description: "Closes the orders of the day" } });
  here.faults.allow(/status of 412/);
  await page.keyboard.press("Control+S");
  await page.getByRole("dialog", { name: /Somebody|saved/ }).waitFor();
  await take("conflict");
  await page.getByRole("button", { name: "Take theirs" }).click();

  await open(page, `/apis/${here.api_id}/test`);
  await page.getByRole("button", { name: "Get token" }).click();
  await page.getByText("This token is valid").waitFor();
  await page.getByRole("heading", { name: "Answer" }).scrollIntoViewIfNeeded();
  await take("api-test-answer");

  await page.setViewportSize({ width: 320, height: 640 });
  await open(page, "/applications");
  await settled(page);
  await take("narrow");
});

// The walk that started this product, from an empty data directory to a validated token, by visible labels and with the
// keyboard alone: from `page.goto` on, nothing but keys is pressed.
import assert from "node:assert/strict";
import { after, it } from "node:test";
import { byKeyboard, focused } from "./support/keyboard.mjs";
import { settled } from "./support/pages.mjs";
import { eventually } from "./support/server.mjs";
import { inShell } from "./support/shell.mjs";
import { serveOrders } from "./support/orders.mjs";
import { OWNER } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world({ isSetUp: false });
const LANGUAGES = ["cURL", "C#", "Go", "Java", "Node.js", "PHP", "Python", "Ruby", "Rust"];
const AUDIENCE = "https://orders.example";
let keys, orders;
after(() => orders?.close());

const clipboard = () => here.page.evaluate(() => navigator.clipboard.readText());
const tab = (name) => here.page.getByRole("navigation", { name: /^Sections of/ }).getByRole("link", { name, exact: true });
const nav = () => here.page.getByRole("navigation", { name: "Main" });
const dialog = () => here.page.getByRole("dialog");

it("sets the server up", async () => {
  const { page, server } = here;
  keys = byKeyboard(page);
  await page.goto(await server.setUpLink());
  await keys.fill("Email address", OWNER.email);
  await keys.fill("Password", OWNER.password);
  await keys.choose("Development");
  const sample = page.getByRole("checkbox", { name: /sample API/ });
  await keys.reach(sample);
  if (await sample.isChecked()) await keys.press("Space");
  await keys.button("Create account");
  await nav().waitFor();
  await settled(page);
});

it("Applications → Create Application → Machine to Machine Applications → Create", async () => {
  const { page } = here;
  await keys.follow("Applications", nav());
  await page.getByRole("heading", { level: 1, name: "Applications" }).waitFor();
  await keys.button("Create Application");
  await focused(dialog().getByLabel("Name"));
  await keys.type("nightly-job");
  await keys.choose("Machine to Machine Applications", dialog());
  await keys.button("Create", dialog());
});

it("→ select an API: the Management API is there, its scopes have a filter and All / None", async () => {
  const { page } = here;
  await dialog().getByRole("combobox", { name: "Select an API" }).waitFor();
  await keys.select("Select an API", /\/api\/v2\/$/, dialog());
  const picked = () => dialog().getByRole("status").filter({ hasText: /of \d+ permissions/ }).innerText();
  await keys.fill("Filter permissions", "client_grants", dialog());
  const boxes = dialog().getByRole("checkbox");
  await eventually(async () => (await boxes.count()) < 20, "fewer permissions");
  assert.equal(await boxes.count(), await dialog().getByRole("checkbox", { name: /client_grants/ }).count());
  await keys.button("All", dialog());
  assert.match(await picked(), new RegExp(`^${await boxes.count()} of `));
  await page.getByText("can widen its own access").first().waitFor();
  await keys.button("None", dialog());
  assert.match(await picked(), /^0 of /);
});

it("→ an API is created in place → Authorize", async () => {
  const { page, server } = here;
  await keys.button("New API here", dialog());
  await keys.fill("API name", "Orders API", dialog());
  await keys.fill(/^Identifier/, AUDIENCE, dialog());
  await keys.fill("Permissions of the API", "read:orders: Read orders", dialog());
  await keys.press("Enter");
  await keys.type("delete:orders: Delete orders");
  await keys.button("None", dialog());
  await keys.check(/^read:orders/, dialog());
  await keys.button("Authorize", dialog());
  await page.waitForURL("**/quickstart*");
  await settled(page);
  const client = (await server.api("/api/v2/clients")).find(({ name }) => name === "nightly-job");
  const [grant] = await server.api(`/api/v2/client-grants?client_id=${client.client_id}`);
  assert.deepEqual([grant.audience, grant.scope], [AUDIENCE, ["read:orders"]]);
  Object.assign(here, { client });
});

it("→ Quick Start: snippets in nine languages for the chosen API", async () => {
  const { page, server } = here;
  const step = page.getByRole("region", { name: "Get a token" });
  const languages = step.getByRole("tablist");
  await keys.reach(languages.getByRole("tab", { selected: true }));
  await keys.press("Home");
  for (const [index, language] of LANGUAGES.entries()) {
    if (index > 0) await keys.press("ArrowRight");
    await languages.getByRole("tab", { name: language, exact: true, selected: true }).waitFor();
    const code = await step.getByRole("tabpanel").innerText();
    for (const wanted of [`${server.issuer}oauth/token`, here.client.client_id, AUDIENCE]) assert.ok(code.includes(wanted), `${language}: no ${wanted} in\n${code}`);
  }
  await keys.press("Home");
  await keys.button(/^Copy Get a token/, step);
  await eventually(async () => (await clipboard()).includes(here.client.client_secret), "the snippet on the clipboard");
  here.answer = JSON.parse(await inShell(await clipboard(), server));
  assert.equal(here.answer.token_type, "Bearer");

  const backend = page.getByRole("region", { name: "Validate in your API" });
  await keys.reach(backend.getByRole("tab", { selected: true }));
  for (const name of ["Express", "FastAPI", "Go", "Axum", "Spring"]) {
    await backend.getByRole("tab", { name, exact: true, selected: true }).waitFor();
    assert.ok((await backend.getByRole("tabpanel").innerText()).includes(AUDIENCE), name);
    await keys.press("ArrowRight");
  }
});

it("→ Settings → Advanced Settings, each of its parts, with Trust Token Endpoint IP Header → Save", async () => {
  const { page, server } = here;
  await keys.activate(tab("Settings"));
  await page.getByRole("heading", { name: "Basic Information" }).waitFor();
  const sections = page.getByRole("navigation", { name: "Settings" });
  await keys.follow("Advanced Settings", sections);
  for (const name of ["Application Metadata", "Device Settings", "OAuth", "Grant Types", "WS-Federation", "Certificates", "Endpoints"]) {
    await keys.reach(sections.getByRole("link", { name, exact: true }), (await isBehind(sections)) ? "Shift+Tab" : "Tab");
    await keys.press("Enter");
    await focused(page.getByRole("heading", { name, exact: true }));
  }
  await keys.reach(sections.getByRole("link", { name: "OAuth", exact: true }), "Shift+Tab");
  await keys.press("Enter");
  await keys.turnOn("Trust Token Endpoint IP Header");
  await keys.press("Control+S");
  await page.getByRole("region", { name: "Unsaved changes" }).waitFor({ state: "detached" });
  const client = await server.api(`/api/v2/clients/${here.client.client_id}`);
  assert.equal(client.is_token_endpoint_ip_header_trusted, true);
});

it("→ Credentials → APIs", async () => {
  const { page } = here;
  await keys.press("Control+Home");
  await keys.reach(tab("Credentials"), "Shift+Tab");
  await keys.press("Enter");
  await page.getByRole("heading", { name: "Authentication Method" }).waitFor();
  assert.ok(await page.getByRole("radio", { name: "Client Secret (Post)" }).isChecked());
  await keys.activate(tab("APIs"));
  const api = page.getByRole("main").getByRole("region", { name: "Orders API", exact: true });
  await api.getByText("1 of 2 permissions").waitFor();
  assert.equal(await api.getByRole("switch", { name: /Orders API/ }).getAttribute("aria-checked"), "true");
});

it("ends with the API’s middleware accepting the token: 200 with the scope, 403 without", async () => {
  orders = await serveOrders(here.server, AUDIENCE);
  const read = await orders.call(here.answer.access_token);
  assert.equal(read.status, 200);
  assert.deepEqual(await read.json(), [{ id: 1, for: `${here.client.client_id}@clients` }]);
  const removal = await orders.call(here.answer.access_token, "DELETE");
  assert.equal(removal.status, 403);
  assert.match(removal.headers.get("www-authenticate"), /insufficient_scope/);
  assert.equal((await orders.call("no.such.token")).status, 401);
});

/** Whether the focus already stands behind this part of the page, so that the way to it leads back. */
const isBehind = (locator) => locator.evaluate((element) => !element.contains(document.activeElement) && (element.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);

// The list of applications, creating and deleting one: checklist 35 to 48.
import assert from "node:assert/strict";
import { it } from "node:test";
import { focused } from "./support/keyboard.mjs";
import { open } from "./support/pages.mjs";
import { machine, ORDERS } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

// A new tenant comes with an application; these tests begin without one.
const prepare = async (server) => {
  for (const { client_id } of await server.api("/api/v2/clients?is_global=false")) await server.api(`/api/v2/clients/${client_id}`, { method: "DELETE" });
};
const here = world({ prepare });

const rows = () => here.page.getByRole("table", { name: "Applications" }).locator("tbody tr");
const names = () => rows().locator("a.name").allInnerTexts();
const dialog = () => here.page.getByRole("dialog");
const create = () => here.page.getByRole("button", { name: "Create Application" }).first();
const clientNamed = async (name) => (await here.server.api("/api/v2/clients")).find((client) => client.name === name);

it("says what an application is while there is none, and offers two ways on", async () => {
  const { page } = here;
  await open(page, "/applications");
  await page.getByRole("heading", { name: "No applications yet" }).waitFor();
  await page.getByText("An application is any program that asks for tokens").waitFor();
  await page.getByRole("main").getByRole("button", { name: "Create Application" }).last().waitFor();
  await page.getByRole("button", { name: "Create the sample machine application" }).click();
  await page.waitForURL("**/quickstart*");
  assert.equal((await clientNamed("Hello machine")).app_type, "non_interactive");
});

it("lists name, type, client ID, use in 24 hours and last use", async () => {
  const { page, server } = here;
  const api = await server.api("/api/v2/resource-servers", { body: ORDERS });
  here.client = await server.api("/api/v2/clients", { body: machine("nightly-job") });
  await server.api("/api/v2/clients", { body: { name: "storefront", app_type: "spa", token_endpoint_auth_method: "none" } });
  await server.api("/api/v2/client-grants", { body: { client_id: here.client.client_id, audience: api.identifier, scope: ["read:orders"] } });
  for (let count = 0; count < 3; count++) await server.token(here.client.client_id, here.client.client_secret, api.identifier);
  await open(page, "/applications");
  const row = rows().filter({ hasText: "nightly-job" });
  await row.getByRole("img", { name: "3 tokens in 24 h, 0 refused" }).waitFor();
  const cells = await row.locator("td").allInnerTexts();
  assert.equal(cells[1], "Machine to Machine");
  assert.match(cells[2], new RegExp(`${here.client.client_id.slice(0, 6)}…`));
  assert.match(cells[4], /second|now|min/);
  assert.match(await rows().filter({ hasText: "storefront" }).innerText(), /never/);
});

it("filters by name, tells the count, and keeps the filter over a reload", async () => {
  const { page } = here;
  await open(page, "/applications");
  const filter = page.getByRole("textbox", { name: "Filter applications" });
  await filter.fill("night");
  await page.getByRole("status").filter({ hasText: "1 of 3" }).waitFor();
  assert.deepEqual(await names(), ["nightly-job"]);
  assert.equal(new URL(page.url()).searchParams.get("q"), "night");
  await open(page, new URL(page.url()).pathname.replace("/dashboard", "") + new URL(page.url()).search);
  assert.equal(await filter.inputValue(), "night");
  assert.deepEqual(await names(), ["nightly-job"]);
  await filter.fill("no such thing");
  await page.getByRole("main").getByRole("button", { name: "Clear filter" }).last().click();
  await page.waitForFunction(() => !location.search.includes("q="));
});

it("filters by type", async () => {
  const { page } = here;
  await open(page, "/applications?q=type%3Am2m");
  await rows().first().waitFor();
  assert.deepEqual((await names()).sort(), ["Hello machine", "nightly-job"]);
});

it("copies a client ID by a button that names the application", async () => {
  const { page } = here;
  await open(page, "/applications");
  await page.getByRole("button", { name: "Copy client ID of nightly-job" }).click();
  await page.getByRole("status").filter({ hasText: "Copied client ID of nightly-job" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), here.client.client_id);
});

it("sorts by last use with the keyboard", async () => {
  const { page } = here;
  await open(page, "/applications");
  const column = page.getByRole("columnheader", { name: "Last used" });
  await column.getByRole("button").focus();
  await page.keyboard.press("Enter");
  assert.equal(await column.getAttribute("aria-sort"), "ascending");
  await page.keyboard.press("Enter");
  assert.equal(await column.getAttribute("aria-sort"), "descending");
  await eventually(async () => (await names())[0] === "nightly-job", "the application used last on top");
});

it("opens the dialog with the focus in Name, and Escape gives it back to the button", async () => {
  const { page } = here;
  await open(page, "/applications");
  await create().focus();
  await page.keyboard.press("Enter");
  await focused(dialog().getByLabel("Name"));
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
  await focused(create());
});

it("refuses no name and a name with < beside the field, without a request", async () => {
  const { page } = here;
  await open(page, "/applications");
  await create().click();
  const writes = [];
  page.on("request", (request) => request.method() === "POST" && writes.push(request.url()));
  const name = dialog().getByLabel("Name");
  for (const [typed, words] of [["", "Enter a name."], ["<b>", "A name must not contain < or >."]]) {
    await name.fill(typed);
    await dialog().getByRole("button", { name: "Create", exact: true }).click();
    await dialog().getByText(words).waitFor();
    const described = await name.evaluate((input) => input.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id)?.textContent).join(" "));
    assert.ok(described.includes(words), described);
    assert.equal(await name.getAttribute("aria-invalid"), "true");
  }
  assert.deepEqual(writes, []);
  page.removeAllListeners("request");
});

it("creates the client and its grant by Authorize, and lands on Quick Start", async () => {
  const { page, server } = here;
  await open(page, "/applications");
  await create().click();
  await dialog().getByLabel("Name").fill("report-mailer");
  await dialog().getByRole("radio", { name: "Machine to Machine Applications" }).check();
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  await dialog().getByRole("combobox", { name: "Select an API" }).selectOption({ label: "Orders API – https://orders.example" });
  await dialog().getByRole("checkbox", { name: /^read:orders/ }).check();
  await dialog().getByRole("checkbox", { name: /^delete:orders/ }).check();
  await dialog().getByText("destructive").waitFor();
  await dialog().getByRole("button", { name: "Authorize" }).click();
  await page.waitForURL("**/quickstart*");
  const client = await clientNamed("report-mailer");
  assert.equal(client.app_type, "non_interactive");
  const [grant] = await server.api(`/api/v2/client-grants?client_id=${client.client_id}`);
  assert.deepEqual([grant.audience, [...grant.scope].sort()], ["https://orders.example", ["delete:orders", "read:orders"]]);
});

it("makes a new API with two permissions without leaving the dialog", async () => {
  const { page, server } = here;
  await open(page, "/applications");
  await create().click();
  await dialog().getByLabel("Name").fill("stock-keeper");
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  await dialog().getByRole("button", { name: "New API here" }).click();
  await dialog().getByLabel("API name").fill("Stock");
  await dialog().getByLabel("Identifier").fill("https://stock.example");
  await dialog().getByLabel("Permissions of the API").fill("read:stock: Read the stock\nwrite:stock: Change the stock");
  await dialog().getByRole("checkbox", { name: /^write:stock/ }).uncheck();
  await dialog().getByRole("button", { name: "Authorize" }).click();
  await page.waitForURL("**/quickstart*");
  const api = (await server.api("/api/v2/resource-servers")).find(({ identifier }) => identifier === "https://stock.example");
  assert.deepEqual(api.scopes.map(({ value, description }) => [value, description]), [["read:stock", "Read the stock"], ["write:stock", "Change the stock"]]);
  const client = await clientNamed("stock-keeper");
  const [grant] = await server.api(`/api/v2/client-grants?client_id=${client.client_id}`);
  assert.deepEqual(grant.scope, ["read:stock"]);
});

it("keeps name, type, API and permissions over Back", async () => {
  const { page } = here;
  await open(page, "/applications");
  await create().click();
  await dialog().getByLabel("Name").fill("second-thoughts");
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  const api = dialog().getByRole("combobox", { name: "Select an API" });
  await api.selectOption({ label: "Orders API – https://orders.example" });
  await dialog().getByRole("checkbox", { name: /^list:orders/ }).check();
  await dialog().getByRole("button", { name: "Back" }).click();
  assert.equal(await dialog().getByLabel("Name").inputValue(), "second-thoughts");
  assert.ok(await dialog().getByRole("radio", { name: "Machine to Machine Applications" }).isChecked());
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  assert.match(await api.evaluate((select) => select.selectedOptions[0].label), /^Orders API/);
  assert.ok(await dialog().getByRole("checkbox", { name: /^list:orders/ }).isChecked());
  assert.ok(!(await dialog().getByRole("checkbox", { name: /^read:orders/ }).isChecked()));
});

it("warns of permissions with which an application can widen its own access", async () => {
  const { page } = here;
  await open(page, "/applications");
  await create().click();
  await dialog().getByLabel("Name").fill("deployer");
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  const api = dialog().getByRole("combobox", { name: "Select an API" });
  await api.selectOption({ label: await api.locator("option", { hasText: "/api/v2/" }).innerText() });
  await dialog().getByRole("checkbox", { name: /^create:client_grants/ }).check();
  await dialog().getByText("can widen its own access.").waitFor();
});

it("shows the new application in the list within 100 ms after the dialog has closed", async () => {
  const { page } = here;
  await open(page, "/applications");
  await create().click();
  await dialog().getByLabel("Name").fill("quick-one");
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  await dialog().getByRole("button", { name: "Skip for now" }).click();
  await page.waitForURL("**/quickstart*");
  await page.evaluate(() => {
    window.began = performance.now();
    const look = () => {
      const isListed = [...document.querySelectorAll("tbody a.name")].some(({ textContent }) => textContent === "quick-one");
      if (isListed) window.listed = performance.now() - window.began;
      else requestAnimationFrame(look);
    };
    [...document.querySelectorAll("nav a")].find(({ textContent }) => textContent === "Applications").click();
    look();
  });
  const took = await page.waitForFunction(() => window.listed).then((value) => value.jsonValue());
  // The budget is 100 ms; twice that on a machine that does other things too.
  assert.ok(took < 200, `${took.toFixed(0)} ms`);
});

it("names the application and its tokens before deleting it, and brings it back with the same client ID", async () => {
  const { page, server } = here;
  await open(page, "/applications");
  await page.getByRole("button", { name: "Actions of nightly-job" }).click();
  await page.getByRole("menuitem", { name: "Delete application" }).click();
  const confirm = page.getByRole("dialog", { name: "Delete nightly-job?" });
  await confirm.getByText("It got 3 tokens in the last 24 hours.").waitFor();
  await confirm.getByRole("button", { name: "Delete application" }).click();
  await confirm.waitFor({ state: "detached" });
  await eventually(async () => !(await names()).includes("nightly-job"), "the row’s end");
  assert.equal((await server.api(`/api/v2/clients/${here.client.client_id}`, { expect: false })).status, 404);
  await page.getByRole("button", { name: "Undo" }).click();
  await eventually(async () => (await names()).includes("nightly-job"), "the row’s return");
  const client = await server.api(`/api/v2/clients/${here.client.client_id}`);
  assert.equal(client.client_secret, here.client.client_secret);
});

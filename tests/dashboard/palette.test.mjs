// Search and commands: checklist 29 to 34.
import assert from "node:assert/strict";
import { it } from "node:test";
import { byKeyboard, focused } from "./support/keyboard.mjs";
import { open, pages, settled } from "./support/pages.mjs";
import { makePeople } from "./support/people.mjs";
import { makeAction, makeConnection, makeLogStream, makeRules, makeSample } from "./support/sample.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: async (server) => ({ ...(await makeSample(server)), ...(await makeAction(server)), ...(await makeConnection(server)), ...(await makeRules(server)), ...(await makeLogStream(server)), ...(await makePeople(server)) }) });

const dialog = () => here.page.getByRole("dialog", { name: "Search and commands" });
const results = () => dialog().getByRole("option");

async function search(text) {
  await here.page.keyboard.press("Control+K");
  await dialog().waitFor();
  if (text !== undefined) await here.page.keyboard.type(text);
}

it("opens on Ctrl+K and Meta+K on every page, and gives the focus back on Escape", async () => {
  const { page } = here;
  const every = Object.entries(pages(here)).filter(([name]) => !name.startsWith("create-"));
  for (const [index, [name, path]] of every.entries()) {
    await open(page, path);
    // An event of the log is shown in a drawer, which holds the focus itself.
    const drawer = page.getByRole("dialog");
    const before = (await drawer.count()) > 0
      ? drawer.getByRole("button", { name: "Close" })
      : page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Home" });
    await before.focus();
    await page.keyboard.press(index % 2 === 0 ? "Control+K" : "Meta+K");
    await focused(dialog().getByRole("combobox"), `in the palette on ${name}`);
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    await focused(before, `after the palette on ${name}`);
  }
});

it("finds an application by a part of its name, and Enter opens its Settings", async () => {
  const { page } = here;
  await open(page, "/");
  await search("ghtly");
  await results().filter({ hasText: "nightly-job" }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/applications/${here.client_id}/settings`);
  await settled(page);
});

it("finds people by name and address, and roles by name", async () => {
  const { page } = here;
  for (const [typed, shown, path] of [["jane d", /Jane Doe/, `/users/${here.user_id}/details`], ["john@acme", /John Smith/, undefined], ["auditor", /Auditor.*Role/s, `/roles/${here.role_id}/settings`]]) {
    await open(page, "/");
    await search(typed);
    await results().filter({ hasText: shown }).first().waitFor();
    assert.match(await results().first().innerText(), shown);
    if (path === undefined) continue;
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/dashboard${path}`);
    await settled(page);
  }
});

it("takes what is typed before it is there", async () => {
  const { page } = here;
  await open(page, "/");
  await page.keyboard.press("Control+K");
  await page.keyboard.type("ghtly");
  await results().filter({ hasText: "nightly-job" }).first().waitFor();
  assert.equal(await dialog().getByRole("combobox").inputValue(), "ghtly");
  await page.keyboard.press("Escape");
});

it("puts the object first whose client ID, user ID, log ID or API identifier is pasted", async () => {
  const { page } = here;
  await open(page, "/");
  const looked = [
    [here.client_id, /nightly-job/, `/applications/${here.client_id}/settings`],
    [here.api.identifier, /Orders API/, `/apis/${here.api_id}/settings`],
    [here.jane.user_id, /Jane Doe/, `/users/${here.user_id}/details`],
    [here.role_id, /Auditor/, `/roles/${here.role_id}/settings`],
    [here.log_id, undefined, `/logs/${here.log_id}`],
  ];
  for (const [pasted, shown, path] of looked) {
    await search();
    await page.evaluate((text) => navigator.clipboard.writeText(text), pasted);
    await byKeyboard(page).press("Control+V");
    await results().filter({ hasText: shown ?? /Log event/ }).first().waitFor();
    if (shown) assert.match(await results().first().innerText(), shown);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/dashboard${path}`);
    await settled(page);
    await page.waitForTimeout(300);
  }
});

it("offers to inspect a pasted token first, and opens the inspector with it", async () => {
  const { page, server } = here;
  const { body } = await server.token(here.client_id, here.client.client_secret, here.api.identifier);
  await open(page, "/");
  await search();
  await page.evaluate((text) => navigator.clipboard.writeText(text), body.access_token);
  await page.keyboard.press("Control+V");
  assert.match(await results().first().innerText(), /Inspect token/);
  await page.keyboard.press("Enter");
  const inspector = page.getByRole("dialog", { name: "Token inspector" });
  await inspector.getByText(`${here.client_id}@clients`).first().waitFor();
});

it("copies a client ID from a result", async () => {
  const { page } = here;
  await open(page, "/");
  await search("nightly");
  await results().filter({ hasText: "Copy client ID of nightly-job" }).first().waitFor();
  for (let step = 0; step < 12; step++) {
    if (/Copy client ID of nightly-job/.test(await dialog().locator("[role=option][aria-selected=true]").innerText())) break;
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await dialog().waitFor({ state: "detached" });
  await page.waitForFunction(async (id) => (await navigator.clipboard.readText()) === id, here.client_id);
});

it("lists the pages last looked at before anything is typed", async () => {
  const { page } = here;
  await open(page, "/");
  for (const name of ["Logs", "Usage"]) {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
    await page.waitForFunction((name) => document.title.startsWith(name), name);
    await page.waitForTimeout(600);
  }
  await search();
  const first = results().first();
  await first.waitFor();
  assert.match(await dialog().innerText(), /Recent pages/i);
  assert.match(await first.innerText(), /Logs – default/);
  await page.keyboard.press("Escape");
});

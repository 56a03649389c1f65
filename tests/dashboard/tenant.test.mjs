// The tenant: its tag, its signing keys, its history, and other tenants. Checklist 17, 106 to 108.
import assert from "node:assert/strict";
import { it } from "node:test";
import { expectChecks } from "./support/inspector.mjs";
import { open, settled } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { logIn, OWNER } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });

const dialog = (name) => here.page.getByRole("dialog", name && { name });
const badge = () => here.page.getByRole("banner").locator(".environment");
const bar = () => here.page.getByRole("region", { name: "Unsaved changes" });
const jwks = async () => (await (await here.server.fetch("/.well-known/jwks.json")).json()).keys.map(({ kid }) => kid);
const kidOf = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url")).kid;
const token = async () => (await here.server.token(here.client_id, here.client.client_secret, here.api.identifier)).body.access_token;

async function inspect(token, failed = []) {
  await open(here.page, "/inspector");
  await here.page.getByRole("textbox", { name: "Token", exact: true }).fill(token);
  await expectChecks(here.page.getByRole("main"), failed);
}

it("shows the environment as words, and changes it as soon as the tag is saved", async () => {
  const { page } = here;
  await open(page, "/tenant/general");
  assert.equal(await badge().innerText(), "DEV");
  await page.getByRole("radio", { name: "Staging" }).check();
  await page.keyboard.press("Control+S");
  await bar().waitFor({ state: "detached" });
  assert.equal(await badge().innerText(), "STAGING");
  const { tenants } = await here.server.api("/api/x/tenants");
  assert.equal(tenants.find(({ name }) => name === "default").environment, "staging");
});

it("stores a setting, and shows who changed it from what to what", async () => {
  const { page, server } = here;
  await open(page, "/tenant/general");
  await page.getByLabel("Friendly name").fill("Acme");
  await page.keyboard.press("Control+S");
  await bar().waitFor({ state: "detached" });
  assert.equal((await server.api("/api/v2/tenants/settings")).friendly_name, "Acme");
  await open(page, "/tenant/history");
  const entry = page.getByRole("main").getByRole("listitem").filter({ hasText: "Friendly name" }).first();
  await entry.waitFor();
  assert.match(await entry.innerText(), new RegExp(`${OWNER.email}[\\s\\S]*127\\.0\\.0\\.1[\\s\\S]*Acme`));
});

it("rotates the signing key: says that issued tokens stay valid, and they do; JWKS has both keys", async () => {
  const { page } = here;
  here.old = await token();
  await open(page, "/tenant/signing-keys");
  await page.getByRole("button", { name: "Rotate", exact: true }).click();
  await dialog("Rotate the signing key?").getByText("Issued tokens stay valid").waitFor();
  await dialog().getByRole("button", { name: "Rotate", exact: true }).click();
  await dialog().waitFor({ state: "detached" });
  const fresh = await token();
  assert.notEqual(kidOf(fresh), kidOf(here.old));
  const keys = await jwks();
  assert.ok(keys.includes(kidOf(fresh)) && keys.includes(kidOf(here.old)), keys.join());
  await inspect(here.old);
});

it("revokes the previous key only after the tenant’s name and a fresh sign-in; then its tokens fail", async () => {
  const { page, faults } = here;
  await open(page, "/tenant/signing-keys");
  // The sign-in of this test is minutes old only; the first answer is the one that an older one gets.
  let isOld = true;
  await page.route("**/revoke", (route) => {
    if (!isOld) return route.fallback();
    isOld = false;
    const refusal = { statusCode: 403, error: "Forbidden", message: "Sign in again to do this.", errorCode: "reauthentication_required" };
    return route.fulfill({ status: 403, json: refusal });
  });
  faults.allow(/status of 403/);
  await page.getByRole("button", { name: /^Revoke key/ }).last().click();
  const confirm = dialog("Revoke the previous key?");
  const revoke = confirm.getByRole("button", { name: "Revoke key" });
  assert.ok(await revoke.isDisabled());
  await confirm.getByLabel("Type default to confirm").fill("default");
  await revoke.click();
  await confirm.getByRole("button", { name: "Sign in again" }).click();
  await logIn(page, OWNER);
  await page.waitForURL("**/tenant/signing-keys");
  await confirm.getByText("You are signed in again.").waitFor();
  await revoke.click();
  await confirm.waitFor({ state: "detached" });
  await page.unroute("**/revoke");
  assert.ok(!(await jwks()).includes(kidOf(here.old)));
  await inspect(here.old, ["Signature", "Revocation"]);
});

it("creates a tenant and goes there; what is made there is not seen here", async () => {
  const { page, server } = here;
  await open(page, "/tenants?create=1");
  await dialog().getByLabel(/^Name/).fill("acme-live");
  await dialog().getByRole("radio", { name: "Production" }).check();
  await dialog().getByRole("button", { name: "Create tenant" }).click();
  await dialog("acme-live is ready").getByRole("link", { name: "Switch to acme-live" }).click();
  await page.waitForURL("**/dashboard/@acme-live/**");
  await settled(page);
  assert.equal(await badge().innerText(), "PRODUCTION");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Applications" }).click();
  await page.waitForURL("**/dashboard/@acme-live/applications");
  await settled(page);
  assert.ok(!(await page.getByRole("main").innerText()).includes("nightly-job"));
  await page.getByRole("button", { name: "Create Application" }).first().click();
  await dialog().getByLabel("Name").fill("there-only");
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  await dialog().getByRole("button", { name: "Skip for now" }).click();
  await page.waitForURL("**/dashboard/@acme-live/applications/**/quickstart*");
  assert.ok(!(await server.api("/api/v2/clients")).some(({ name }) => name === "there-only"));
  await page.getByRole("button", { name: /^acme-live/ }).click();
  await page.getByRole("menuitem", { name: /^default/ }).click();
  await page.waitForURL(/\/dashboard\/(?!@acme)/);
  await settled(page);
  await eventually(async () => (await badge().innerText()) === "STAGING", "the other tenant’s badge");
});

it("rotates keys by itself as often as it is told, and announces them before", async () => {
  const { page, server } = here;
  await open(page, "/tenant/signing-keys");
  const rotation = page.getByRole("region", { name: "Rotation" });
  await rotation.getByText("Keys are rotated by hand only.").waitFor();
  await rotation.getByRole("switch", { name: "Rotate by itself" }).click();
  await rotation.getByLabel("Every").fill("2");
  await rotation.getByLabel("Published before it signs").fill("3");
  await rotation.getByText("more than the days of announcement").waitFor();
  await rotation.getByLabel("Every").fill("90");
  await rotation.getByRole("button", { name: "Save changes" }).click();
  await rotation.getByText("The next rotation is due").waitFor();
  const { rotate_every_days, announce_days } = await server.api("/api/x/keys/policy");
  assert.deepEqual([rotate_every_days, announce_days], [90, 3]);
});

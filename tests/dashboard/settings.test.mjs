// Editing an application: checklist 18, 58 to 69, 71.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { world } from "./support/world.mjs";

const here = world({
  prepare: async (server) => {
    const made = await makeSample(server);
    const web = await server.api("/api/v2/clients", { body: { name: "storefront", app_type: "regular_web", callbacks: ["https://shop.example/callback"] } });
    const spa = await server.api("/api/v2/clients", { body: { name: "till", app_type: "spa", token_endpoint_auth_method: "none" } });
    return { ...made, web, spa };
  },
});

const settings = (client = here.client) => open(here.page, `/applications/${client.client_id}/settings`);
const bar = () => here.page.getByRole("region", { name: "Unsaved changes" });
const description = () => here.page.getByLabel("Description");
const stored = (client = here.client) => here.server.api(`/api/v2/clients/${client.client_id}`);
const discard = () => bar().getByRole("button", { name: "Discard" }).click();

async function save() {
  await here.page.keyboard.press("Control+S");
  await bar().waitFor({ state: "detached" });
}

it("counts what is unsaved, and forgets it when it is reverted by hand", async () => {
  const { page } = here;
  await settings();
  const before = await description().inputValue();
  await description().fill("Something else");
  await bar().getByRole("status").filter({ hasText: "1 unsaved change" }).waitFor();
  await page.getByLabel("Name", { exact: false }).first().fill("nightly");
  await bar().getByText("2 unsaved changes").waitFor();
  await page.getByLabel("Name", { exact: false }).first().fill("nightly-job");
  await description().fill(before);
  await bar().waitFor({ state: "detached" });
});

it("discards every field; Ctrl+S saves and says so", async () => {
  const { page } = here;
  await settings();
  const before = await description().inputValue();
  await description().fill("Something else");
  await discard();
  assert.equal(await description().inputValue(), before);
  await description().fill("Closes the day");
  await save();
  await page.getByRole("status").filter({ hasText: "Saved" }).first().waitFor({ state: "attached" });
  assert.equal((await stored()).description, "Closes the day");
});

it("asks before it is left with changes; tabs of the same application keep them", async () => {
  const { page } = here;
  await settings();
  await description().fill("Half a thought");
  const tabs = page.getByRole("navigation", { name: /^Sections of/ });
  await tabs.getByRole("link", { name: "Credentials" }).click();
  await page.waitForURL("**/credentials");
  await tabs.getByRole("link", { name: "Settings" }).click();
  await bar().waitFor();
  assert.equal(await description().inputValue(), "Half a thought");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "APIs" }).click();
  const question = page.getByRole("dialog", { name: "Leave with unsaved changes?" });
  await question.getByRole("button", { name: "Stay" }).click();
  await question.waitFor({ state: "detached" });
  assert.equal(await description().inputValue(), "Half a thought");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "APIs" }).click();
  await question.getByRole("button", { name: "Discard and leave" }).click();
  await page.waitForURL("**/dashboard/apis");
});

it("reviews old and new value of each field, and a PATCH of those alone", async () => {
  const { page } = here;
  await settings();
  const before = await description().inputValue();
  await description().fill("Reviewed");
  await bar().getByRole("button", { name: "Review" }).click();
  const review = page.getByRole("dialog", { name: "Review changes" });
  const row = review.getByRole("row").filter({ hasText: "Description" });
  assert.match(await row.locator("del").innerText(), new RegExp(before));
  assert.match(await row.locator("ins").innerText(), /Reviewed/);
  const request = await review.getByRole("group", { name: "Request" }).innerText();
  assert.match(request, new RegExp(`^PATCH /api/v2/clients/${here.client_id}`));
  assert.deepEqual(JSON.parse(request.slice(request.indexOf("{"))), { description: "Reviewed" });
  await review.getByRole("button", { name: "Save changes" }).click();
  await review.waitFor({ state: "detached" });
  await bar().waitFor({ state: "detached" });
  assert.equal((await stored()).description, "Reviewed");
});

it("has Trust Token Endpoint IP Header as a switch, off at first, and not for applications without a backend", async () => {
  const { page } = here;
  await settings();
  const trust = page.getByRole("switch", { name: "Trust Token Endpoint IP Header" });
  assert.equal(await trust.getAttribute("aria-checked"), "false");
  await trust.click();
  await save();
  assert.equal((await stored()).is_token_endpoint_ip_header_trusted, true);
  await settings(here.spa);
  await page.getByRole("switch", { name: "OIDC Conformant" }).waitFor();
  assert.equal(await trust.count(), 0);
});

it("keeps no spaces around the lines of a list, and lets them be typed", async () => {
  const { page } = here;
  await settings();
  const allowed = page.getByLabel("Allowed APPs / APIs");
  await allowed.fill("one  \n\n  two \n");
  await allowed.press("Control+End");
  await allowed.pressSequentially("three ");
  assert.equal(await allowed.inputValue(), "one  \n\n  two \nthree ");
  await save();
  assert.deepEqual((await stored()).allowed_clients, ["one", "two", "three"]);
  await page.keyboard.press("Tab");
  assert.equal(await allowed.inputValue(), "one\ntwo\nthree");
});

it("stores 24 hours as 86400 and refuses 31 days with the maximum", async () => {
  const { page } = here;
  await settings();
  const lifetime = page.getByLabel("ID Token Expiration", { exact: true });
  const unit = page.getByRole("combobox", { name: "Unit, ID Token Expiration" });
  await unit.selectOption("hours");
  await lifetime.fill("24");
  if (await bar().count()) await save();
  assert.equal((await stored()).jwt_configuration.lifetime_in_seconds, 86400);
  await unit.selectOption("days");
  await lifetime.fill("31");
  await page.getByText(/The maximum is 30 days/).waitFor();
  await page.keyboard.press("Control+S");
  await bar().getByText("One field needs attention").waitFor();
  assert.equal((await stored()).jwt_configuration.lifetime_in_seconds, 86400);
  await discard();
});

it("has a row for each callback URL, with an error of its own, and pastes three lines as three rows", async () => {
  const { page } = here;
  await settings(here.web);
  const list = page.getByRole("group", { name: "Allowed Callback URLs" });
  const rows = list.getByRole("textbox");
  await list.getByRole("button", { name: /^Add URL/ }).click();
  await page.evaluate(() => navigator.clipboard.writeText("https://one.example/callback\nhttps://two.example/callback\nno-address"));
  await page.keyboard.press("Control+V");
  assert.deepEqual(await rows.evaluateAll((inputs) => inputs.map(({ value }) => value)), [
    "https://shop.example/callback", "https://one.example/callback", "https://two.example/callback", "no-address",
  ]);
  assert.deepEqual(await rows.evaluateAll((inputs) => inputs.map((input) => input.getAttribute("aria-invalid"))), [null, null, null, "true"]);
  await list.getByText("Enter a full address with its scheme").waitFor();
  await list.getByRole("button", { name: "Remove no-address" }).click();
  await save();
  assert.deepEqual((await stored(here.web)).callbacks, ["https://shop.example/callback", "https://one.example/callback", "https://two.example/callback"]);
});

it("edits metadata in place, and refuses an eleventh pair and a 256th character", async () => {
  const { page } = here;
  await settings();
  const list = page.getByRole("group", { name: "Metadata" });
  const add = list.getByRole("button", { name: "Add pair" });
  for (let row = 1; row <= 10; row++) {
    await add.click();
    await list.getByLabel(`Key, row ${row}`, { exact: true }).fill(`key${row}`);
    await list.getByLabel(`Value, row ${row}`, { exact: true }).fill(`value ${row}`);
  }
  assert.equal(await add.getAttribute("aria-disabled"), "true");
  await list.getByText("All 10 slots are used.").waitFor();
  await save();
  await list.getByLabel("Value, row 2", { exact: true }).fill("changed");
  await save();
  const { client_metadata } = await stored();
  assert.deepEqual([Object.keys(client_metadata).length, client_metadata.key2], [10, "changed"]);
  await list.getByLabel("Value, row 3", { exact: true }).fill("x".repeat(256));
  await list.getByText("At most 255 characters.").waitFor();
  await discard();
});

it("shows which grants its type may not have, and why", async () => {
  const { page } = here;
  await settings(here.spa);
  const box = page.getByRole("checkbox", { name: "Client Credentials" });
  assert.ok(await box.isDisabled());
  const reason = await box.evaluate((input) => document.getElementById(input.getAttribute("aria-describedby")).textContent);
  assert.equal(reason, "Only for applications that can keep a secret.");
  assert.ok(await page.getByRole("checkbox", { name: "Authorization Code" }).isEnabled());
});

it("lists endpoints that answer, each with a copy button", async () => {
  const { page, server } = here;
  await settings();
  const section = page.getByRole("region", { name: "Endpoints" });
  await section.waitFor();
  const urls = await section.locator("dd code").allInnerTexts();
  assert.equal(urls.length, 5);
  for (const suffix of ["oauth/token", "authorize", ".well-known/jwks.json", ".well-known/openid-configuration"]) {
    assert.ok(urls.includes(`${server.issuer}${suffix}`), `${suffix} in ${urls}`);
  }
  assert.equal(await section.getByRole("button", { name: /^Copy / }).count(), urls.length);
  for (const url of urls) {
    const answer = await server.fetch(new URL(url).pathname, { redirect: "manual" });
    assert.ok(answer.status < 500, `${url}: ${answer.status}`);
  }
});

it("downloads a certificate whose fingerprint is the one shown", async () => {
  const { page } = here;
  await settings();
  const section = page.getByRole("region", { name: "Certificates" });
  const shown = await section.locator("dd code").first().innerText();
  const [download] = await Promise.all([page.waitForEvent("download"), section.getByRole("button", { name: "Download certificate" }).click()]);
  const certificate = new X509Certificate(readFileSync(await download.path()));
  assert.equal(certificate.fingerprint256, shown);
});

it("shows itself as JSON, cURL and Terraform; the JSON is what the Management API gives, without secrets", async () => {
  const { page, server } = here;
  await settings();
  const as = async (form) => {
    await page.getByRole("button", { name: "View as" }).click();
    await page.getByRole("menuitem", { name: form }).click();
    const dialog = page.getByRole("dialog", { name: `nightly-job as ${form}` });
    const code = await dialog.getByRole("group").innerText();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    return code;
  };
  const { client_secret, signing_keys, ...client } = await stored();
  const { signing_keys: shownKeys, ...shown } = JSON.parse(await as("JSON"));
  assert.deepEqual(shown, client);
  assert.deepEqual(shownKeys?.map(({ cert }) => cert), signing_keys?.map(({ cert }) => cert));
  assert.ok((await as("cURL")).includes(`${server.issuer}api/v2/clients/${here.client_id}`) || (await as("cURL")).includes(`/api/v2/clients/${here.client_id}`));
  const terraform = await as("Terraform");
  assert.match(terraform, /^# terraform import auth0_client\.nightly_job/);
  assert.ok(!terraform.includes(client_secret));
});

it("opens the review first, and warns beside a localhost URL, when the tenant is in production", async () => {
  const { page, server } = here;
  await server.api("/api/x/tenants/default", { method: "PATCH", body: { environment: "production" } });
  await settings(here.web);
  const list = page.getByRole("group", { name: "Allowed Callback URLs" });
  await list.getByRole("button", { name: /^Add URL/ }).click();
  await page.keyboard.type("http://localhost:3000/callback");
  await list.getByText("localhost in a production tenant").waitFor();
  await bar().getByRole("button", { name: "Save changes" }).click();
  const review = page.getByRole("dialog", { name: "Review changes" });
  await review.getByText("This tenant is in production.").waitFor();
  await review.getByRole("button", { name: "Cancel" }).click();
  await discard();
  await description().fill("Not a risky field");
  await save();
});

it("keeps every field reachable at 400 % zoom, and the save bar off the focused one", async () => {
  const context = await here.openContext({ storageState: await here.context.storageState(), viewport: { width: 320, height: 256 } });
  const page = await context.newPage();
  await open(page, `/applications/${here.client_id}/settings`);
  await page.getByLabel("Description").fill("Zoomed in");
  const covered = [];
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const element = document.activeElement;
      const bar = document.querySelector(".save-bar")?.getBoundingClientRect();
      if (!bar || !element.closest("main") || element.closest(".save-bar")) return null;
      const box = element.getBoundingClientRect();
      const isSeen = box.top < bar.top - 1 || box.bottom > bar.bottom + 1;
      return isSeen ? null : element.outerHTML.slice(0, 120);
    });
    if (found) covered.push(found);
  }
  assert.deepEqual(covered, []);
  await context.close();
});

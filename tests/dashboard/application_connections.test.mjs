// What an application needs for people: whom it lets in, and where they are sent.
import assert from "node:assert/strict";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { machine } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const here = world({
  prepare: async (server) => {
    const web = await server.api("/api/v2/clients", { body: { name: "storefront", app_type: "regular_web", callbacks: ["https://shop.example/callback"] } });
    const job = await server.api("/api/v2/clients", { body: machine("nightly-job") });
    const partners = await server.api("/api/v2/connections", { body: { name: "partners", strategy: "auth0" } });
    await server.api("/api/v2/connections", { body: { name: "everybody", strategy: "auth0", is_domain_connection: true } });
    await server.api("/api/v2/connections", { body: { name: "google", strategy: "google-oauth2" } });
    return { web, job, partners };
  },
});

const bar = () => here.page.getByRole("region", { name: "Unsaved changes" });
const stored = () => here.server.api(`/api/v2/clients/${here.web.client_id}`);
const settings = () => open(here.page, `/applications/${here.web.client_id}/settings`);
const urls = (name) => here.page.getByRole("group", { name, exact: true });

async function save() {
  await here.page.keyboard.press("Control+S");
  await bar().waitFor({ state: "detached" });
}

async function addUrl(name, url) {
  await urls(name).getByRole("button", { name: /^Add URL/ }).click();
  await urls(name).getByRole("textbox").last().fill(url);
}

it("turns connections on and off at once, with a way back", async () => {
  const { page, server, web, partners } = here;
  await open(page, `/applications/${web.client_id}/connections`);
  const toggle = page.getByRole("switch", { name: "partners" });
  const enabled = async () => (await server.api(`/api/v2/clients/${web.client_id}/connections`)).connections.map(({ id }) => id);
  assert.equal(await toggle.getAttribute("aria-checked"), "false");
  await toggle.click();
  await page.getByText("partners is on for storefront").last().waitFor();
  await eventually(async () => (await enabled()).includes(partners.id), "the connection on");
  await page.getByRole("button", { name: "Undo" }).last().click();
  await eventually(async () => !(await enabled()).includes(partners.id), "the connection off");
  await eventually(async () => (await toggle.getAttribute("aria-checked")) === "false", "the switch off again");
  // By the keyboard too, and it lets people in: the password grant with this realm knows it.
  await toggle.focus();
  await page.keyboard.press("Space");
  await eventually(async () => (await enabled()).includes(partners.id), "the connection on");
});

it("takes it back when the server refuses", async () => {
  const { page, web } = here;
  await open(page, `/applications/${web.client_id}/connections`);
  here.faults.allow(/status of 403/);
  await page.route("**/api/v2/connections/*/clients", (route) =>
    route.request().method() === "PATCH" ? route.fulfill({ status: 403, contentType: "application/json", body: JSON.stringify({ statusCode: 403, error: "Forbidden", message: "Not today" }) }) : route.fallback());
  const toggle = page.getByRole("switch", { name: "partners" });
  const before = await toggle.getAttribute("aria-checked");
  await toggle.click();
  await page.getByText("Not today").last().waitFor();
  assert.equal(await toggle.getAttribute("aria-checked"), before);
  await page.unroute("**/api/v2/connections/*/clients");
});

it("marks what is on for every application, and what nobody can log in by", async () => {
  const { page, web } = here;
  await open(page, `/applications/${web.client_id}/connections`);
  const everybody = page.getByRole("switch", { name: "everybody" });
  assert.equal(await everybody.getAttribute("aria-checked"), "true");
  assert.ok(await everybody.isDisabled());
  await page.getByText("stored only: nobody can log in by it yet").waitFor();
});

it("says of a machine that people do not sign in with it", async () => {
  const { page, job } = here;
  await open(page, `/applications/${job.client_id}/connections`);
  await page.getByText("People do not sign in with this application").waitFor();
});

it("warns beside addresses that anybody could receive the answer at, and takes them", async () => {
  await settings();
  await addUrl("Allowed Callback URLs", "https://*.shop.example/callback");
  await urls("Allowed Callback URLs").getByText("Every subdomain fits").waitFor();
  await addUrl("Allowed Logout URLs", "http://shop.example/bye");
  await urls("Allowed Logout URLs").getByText("Not encrypted").waitFor();
  await addUrl("Allowed Callback URLs", "http://localhost:3000/callback");
  assert.equal(await urls("Allowed Callback URLs").getByText("localhost in a production tenant").count(), 0);
  await save();
  const { callbacks, allowed_logout_urls } = await stored();
  assert.deepEqual([callbacks.length, allowed_logout_urls], [3, ["http://shop.example/bye"]]);
});

it("says which grants are only stored", async () => {
  const { page } = here;
  await settings();
  const helpOf = (name) => page.getByRole("checkbox", { name, exact: true }).evaluate((input) => document.getElementById(input.getAttribute("aria-describedby"))?.textContent);
  assert.deepEqual([await helpOf("CIBA"), await helpOf("Authorization Code")], ["Stored only: the token endpoint does not serve it yet.", undefined]);
});

it("says where pages may log people in themselves", async () => {
  const { page } = here;
  await settings();
  await page.getByRole("switch", { name: "Cross-origin authentication" }).click();
  const fallback = page.getByLabel("Cross-origin verification fallback");
  await fallback.fill("no address");
  await page.getByText("Enter a full address with its scheme").waitFor();
  await fallback.fill("https://shop.example/fallback");
  await addUrl("Allowed Web Origins", "https://shop.example");
  await save();
  const { cross_origin_authentication, cross_origin_loc, web_origins } = await stored();
  assert.deepEqual([cross_origin_authentication, cross_origin_loc, web_origins], [true, "https://shop.example/fallback", ["https://shop.example"]]);
});

it("says who is told that a session ended, and of what", async () => {
  const { page } = here;
  await settings();
  assert.equal(await page.getByRole("group", { name: "Also when" }).count(), 0);
  await addUrl("Back-channel logout URLs", "https://*.shop.example/logged-out");
  await urls("Back-channel logout URLs").getByText("Enter one exact address").waitFor();
  await urls("Back-channel logout URLs").getByRole("textbox").last().fill("https://shop.example/logged-out");
  await page.getByRole("checkbox", { name: "the password was changed" }).check();
  await page.getByRole("switch", { name: "Send the session’s metadata along" }).click();
  await save();
  assert.deepEqual((await stored()).oidc_logout, {
    backchannel_logout_urls: ["https://shop.example/logged-out"],
    backchannel_logout_initiators: { mode: "custom", selected_initiators: ["password-changed"] },
    backchannel_logout_session_metadata: { include: true },
  });
  await page.getByRole("radio", { name: "Whatever ends a session" }).check();
  await save();
  assert.equal((await stored()).oidc_logout.backchannel_logout_initiators.mode, "all");
});

it("limits how long a pushed request waits", async () => {
  const { page } = here;
  await settings();
  await page.getByRole("switch", { name: "Require Pushed Authorization Requests" }).click();
  const lifetime = page.getByLabel("Lifetime of pushed requests", { exact: true });
  assert.equal(await lifetime.inputValue(), "30");
  await lifetime.fill("601");
  await page.getByText("The maximum is 10 minutes (600 s).").waitFor();
  await lifetime.fill("90");
  await save();
  const { require_pushed_authorization_requests, par_request_expiry } = await stored();
  assert.deepEqual([require_pushed_authorization_requests, par_request_expiry], [true, 90]);
});

it("makes APIs that ask people of one’s own applications for no consent, which can be turned off", async () => {
  const { page, server } = here;
  await open(page, "/apis?create=1");
  const dialog = page.getByRole("dialog", { name: "Create API" });
  await dialog.getByLabel("Name", { exact: false }).first().fill("Orders");
  await dialog.getByLabel("Identifier").fill("https://orders.example");
  await dialog.getByRole("button", { name: "Create" }).click();
  await page.waitForURL("**/quickstart");
  const read = async () => (await server.api("/api/v2/resource-servers?identifiers=https%3A%2F%2Forders.example"))[0];
  const { id, skip_consent_for_verifiable_first_party_clients: skips } = await read();
  assert.equal(skips, true);
  await open(page, `/apis/${id}/settings`);
  await page.getByRole("switch", { name: "Allow skipping user consent" }).click();
  await save();
  assert.equal((await read()).skip_consent_for_verifiable_first_party_clients, false);
});

// Log streams: made for a webhook that takes the events, followed while it fails, halted, changed and deleted.
import assert from "node:assert/strict";
import { after, it } from "node:test";
import { collect } from "./support/collector.mjs";
import { byKeyboard, focused } from "./support/keyboard.mjs";
import { open } from "./support/pages.mjs";
import { eventually } from "./support/server.mjs";
import { joinAs } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: async (server) => ({ collector: await collect(server) }) });
after(() => here.collector?.stop());

const dialog = () => here.page.getByRole("dialog");
const button = (name) => here.page.getByRole("button", { name, exact: true });
const streams = () => here.server.api("/api/v2/log-streams");
const named = async (name) => (await streams()).find((stream) => stream.name === name);
const at = async (name, tab) => open(here.page, `/log-streams/${(await named(name)).id}/${tab}`);
const unsaved = () => here.page.getByRole("region", { name: "Unsaved changes" });
const save = async () => {
  await button("Save changes").click();
  await unsaved().waitFor({ state: "detached" });
};
let made = 0;
/** Something that is logged, and that shows an address of a person. */
const cause = () => here.server.api("/api/v2/resource-servers", { body: { name: `cause ${(made += 1)}`, identifier: `urn:cause:${made}` } });
const events = () => here.collector.bodies.flatMap((body) => body.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)));

it("says what a log stream is where there is none, and what is missing before it makes one", async () => {
  const { page } = here;
  await open(page, "/log-streams");
  await page.getByRole("heading", { name: "No log streams" }).waitFor();
  await button("Create log stream").first().click();
  await dialog().getByRole("button", { name: "Create log stream" }).click();
  await dialog().getByText("Enter a name.").waitFor();
  await dialog().getByText("Enter a value.").waitFor();
  await dialog().getByLabel("Address", { exact: true }).fill("http://a.example");
  await dialog().getByText("Enter an address that begins with https://.").waitFor();
  await dialog().getByRole("radio", { name: "Amazon EventBridge" }).check();
  await dialog().getByText("given it access to this cloud").waitFor();
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
  assert.deepEqual(await streams(), []);
});

it("makes one by keyboard alone", async () => {
  const { page, server } = here;
  const keys = byKeyboard(page);
  await open(page, "/log-streams");
  await keys.button("Create log stream");
  await focused(dialog().getByLabel("Name"));
  await keys.type("By keys");
  await keys.choose("Datadog", dialog());
  await keys.fill("API key", "k-1", dialog());
  await keys.press("Enter");
  await page.getByRole("heading", { level: 1, name: "By keys" }).waitFor();
  const { id, type, sink } = await named("By keys");
  assert.deepEqual([type, sink], ["datadog", { datadogApiKey: "k-1", datadogRegion: "us" }]);
  await server.api(`/api/v2/log-streams/${id}`, { method: "DELETE" });
});

it("makes a webhook, and shows what was delivered as it happens", async () => {
  const { page, collector } = here;
  await open(page, "/log-streams?create=1");
  await dialog().getByLabel("Name").fill("Audit trail");
  await dialog().getByLabel("Address", { exact: true }).fill(collector.url);
  await dialog().getByLabel("Authorization", { exact: true }).fill("Bearer hush-hush");
  await dialog().getByRole("switch", { name: "Veil what identifies people" }).click();
  await dialog().getByRole("button", { name: "Create log stream" }).click();
  await page.getByRole("heading", { level: 1, name: "Audit trail" }).waitFor();
  assert.deepEqual((await named("Audit trail")).pii_config.log_fields.length, 6);
  await cause();
  await eventually(() => events().some(({ data }) => data.description === "Create a resource server"), "the event at the webhook");
  assert.equal(collector.headers[0].authorization, "Bearer hush-hush");
  await page.getByRole("main").getByText("sending").first().waitFor();
  await page.getByText("No problem in the last five days.").waitFor();
  await page.getByRole("navigation", { name: /Sections|Audit trail/ }).first().waitFor();
});

it("tells that a service fails, since when and why, and that it has taken everything once it is mended", async () => {
  const { page, collector } = here;
  await at("Audit trail", "health");
  collector.status = 503;
  await cause();
  await page.getByText("Nothing has been acknowledged since").waitFor();
  await page.getByRole("table", { name: "Latest problems" }).getByText("503").first().waitFor();
  await open(page, "/log-streams");
  await page.getByRole("row").filter({ hasText: "Audit trail" }).getByText(/^failing for/).waitFor();
  collector.status = 200;
  // It tries again within half a minute, the later the longer nothing was taken.
  await page.getByRole("row").filter({ hasText: "Audit trail" }).getByText("sending").waitFor({ timeout: 60_000 });
  await eventually(() => events().some(({ data }) => JSON.stringify(data).includes(`urn:cause:${made}"`)), "the event that failed");
});

it("never shows a secret before it is asked for, keeps it when something else changes, and takes it out", async () => {
  const { page, collector } = here;
  await at("Audit trail", "settings");
  const authorization = page.getByLabel("Authorization", { exact: true });
  await authorization.waitFor();
  assert.equal(await authorization.inputValue(), "");
  assert.ok(!(await page.content()).includes("hush-hush"));
  await button("Reveal Authorization").click();
  await page.getByText("Bearer hush-hush").waitFor();
  await button("Hide Authorization").click();
  await page.getByLabel("Format").selectOption("JSON, each event in a post of its own");
  await button("Add header").click();
  await page.getByLabel("Name of header 1").fill("Host");
  await page.getByText("not one that says how a message is sent").waitFor();
  await page.getByLabel("Name of header 1").fill("X-Tenant");
  await page.getByLabel("Value of header 1").fill("acme");
  await button("Review").click();
  await dialog().waitFor();
  assert.ok(!(await dialog().innerText()).includes("acme"), "what was typed is not shown over a shoulder");
  await dialog().getByRole("button", { name: "Save changes" }).click();
  await dialog().waitFor({ state: "detached" });
  await unsaved().waitFor({ state: "detached" });
  let { sink } = await named("Audit trail");
  assert.deepEqual([sink.httpAuthorization, sink.httpContentFormat, sink.httpCustomHeaders], ["Bearer hush-hush", "JSONOBJECT", [{ header: "X-Tenant", value: "acme" }]]);
  collector.headers.length = 0;
  await cause();
  await eventually(() => collector.headers.some((headers) => headers["x-tenant"] === "acme"), "the header");

  await button("Remove Authorization").click();
  await page.getByText("It is removed when you save.").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Trail");
  await save();
  ({ sink } = await named("Trail"));
  assert.deepEqual([sink.httpAuthorization, sink.httpCustomHeaders], [undefined, [{ header: "X-Tenant", value: "acme" }]]);
});

it("chooses categories and what of people is veiled", async () => {
  const { page } = here;
  await at("Trail", "filters");
  await page.getByRole("radio", { name: "Some categories" }).check();
  await page.getByText("Choose at least one category.").waitFor();
  await page.getByRole("checkbox", { name: "Failed logins" }).check();
  await page.getByRole("checkbox", { name: "Tokens refused" }).check();
  await page.getByRole("checkbox", { name: "Address", exact: true }).uncheck();
  await page.getByRole("radio", { name: "Nothing but *****" }).check();
  await save();
  const some = await named("Trail");
  assert.deepEqual(some.filters.map(({ name }) => name), ["auth.login.fail", "auth.token_exchange.fail"]);
  assert.deepEqual([some.pii_config.method, some.pii_config.log_fields.includes("address"), some.pii_config.log_fields.length], ["mask", false, 5]);
  await page.getByRole("radio", { name: "Security only" }).check();
  await save();
  assert.equal((await named("Trail")).isPriority, true);
  await page.getByRole("radio", { name: "All", exact: true }).check();
  await save();
  const all = await named("Trail");
  assert.deepEqual([all.isPriority, all.filters], [false, undefined]);
});

it("halts a stream and lets it go on, at once, with a way back", async () => {
  const { page } = here;
  await at("Trail", "settings");
  await button("Pause").click();
  await page.getByText("Trail is paused.").waitFor();
  await button("Activate").waitFor();
  assert.equal((await named("Trail")).status, "paused");
  await button("Undo").click();
  await button("Pause").waitFor();
  assert.equal((await named("Trail")).status, "active");
  await page.getByLabel("Name", { exact: true }).fill("Trail 2");
  await unsaved().waitFor();
  assert.equal(await button("Pause").getAttribute("aria-disabled"), "true", "edits are of the version before");
  await button("Discard").click();
  await open(page, "/log-streams");
  await button("Actions of Trail").click();
  await page.getByRole("menuitem", { name: "Pause" }).click();
  await page.getByRole("row").filter({ hasText: "Trail" }).getByText("paused", { exact: true }).waitFor();
  assert.equal((await named("Trail")).status, "paused");
});

it("stores streams to a cloud that the server has no access to, and says so", async () => {
  const { page } = here;
  await open(page, "/log-streams?create=1");
  await dialog().getByLabel("Name").fill("To the bus");
  await dialog().getByRole("radio", { name: "Amazon EventBridge" }).check();
  await dialog().getByLabel("AWS account ID").fill("12");
  await dialog().getByLabel("AWS region").fill("eu-central-1");
  await dialog().getByRole("button", { name: "Create log stream" }).click();
  await dialog().getByText("Enter the twelve digits of an account.").waitFor();
  await dialog().getByLabel("AWS account ID").fill("123456789012");
  await dialog().getByRole("button", { name: "Create log stream" }).click();
  await page.getByRole("heading", { level: 1, name: "To the bus" }).waitFor();
  await page.getByText("given it access to this cloud").waitFor();
  await page.getByText("stored, not delivered").first().waitFor();
  await at("To the bus", "health");
  await page.getByText("eventbridge_access_key_id").waitFor();
  await at("To the bus", "settings");
  await page.getByText("aws.partner/auth0.com/").waitFor();
});

it("shows who changed what, without secrets, and deletes", async () => {
  const { page } = here;
  await at("Trail", "history");
  await page.getByText("Update a log stream").first().waitFor();
  assert.ok(!(await page.content()).includes("hush-hush"));
  await at("Trail", "settings");
  await button("Delete log stream").click();
  await dialog().getByText("This cannot be undone.").waitFor();
  await dialog().getByRole("button", { name: "Delete log stream" }).click();
  await page.getByText("Deleted log stream Trail").waitFor();
  await page.getByRole("heading", { level: 1, name: "Log streams" }).waitFor();
  await page.getByRole("row").filter({ hasText: "To the bus" }).waitFor();
  assert.deepEqual((await streams()).map(({ name }) => name), ["To the bus"]);
  await button("Actions of To the bus").click();
  await page.getByRole("menuitem", { name: "Delete log stream" }).click();
  await dialog().getByRole("button", { name: "Delete log stream" }).click();
  await page.getByRole("heading", { name: "No log streams" }).waitFor();
});

it("lets a viewer look and change nothing", async () => {
  await here.server.api("/api/v2/log-streams", { body: { name: "Looked at", type: "http", sink: { httpEndpoint: here.collector.url, httpAuthorization: "Bearer quiet" } } });
  const { context, page } = await joinAs(here, "vic@acme.example", ["viewer"]);
  await open(page, "/log-streams");
  await page.getByRole("link", { name: "Looked at" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Create log stream" }).count(), 0);
  await open(page, `/log-streams/${(await named("Looked at")).id}/settings`);
  await page.getByText("Your role only lets you look.").waitFor();
  assert.equal(await page.getByLabel("Address", { exact: true }).isDisabled(), true);
  assert.equal(await page.getByRole("button", { name: /Reveal|Delete/ }).count(), 0);
  await context.close();
});

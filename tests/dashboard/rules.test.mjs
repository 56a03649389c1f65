// Rules: made, tried, put in order, turned on, turned into Actions; their settings; what the log shows of them.
import assert from "node:assert/strict";
import { it } from "node:test";
import { byKeyboard, focused } from "./support/keyboard.mjs";
import { open } from "./support/pages.mjs";
import { makeShop } from "./support/shop.mjs";
import { eventually } from "./support/server.mjs";
import { joinAs } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const NS = "https://acme.example/";
const CODE = `function (user, context, callback) {
  context.idToken['${NS}plan'] = [configuration.PLAN, user.app_metadata.plan];
  console.log('plan of', user.email);
  callback(null, user, context);
}
`;
const NOTHING = "function (user, context, callback) {\n  callback(null, user, context);\n}\n";

const here = world({ prepare: async (server) => ({ ...(await makeShop(server)) }) });

const dialog = () => here.page.getByRole("dialog");
const button = (name) => here.page.getByRole("button", { name, exact: true });
const editor = (name) => here.page.getByRole("textbox", { name, exact: true });
/** In place of all that stood there, also of what is out of sight. */
const write = async (name, text) => {
  await editor(name).focus();
  await here.page.keyboard.press("Control+A");
  await here.page.keyboard.press("Delete");
  await editor(name).fill(text);
};
const result = () => here.page.getByRole("region", { name: "Result" });
const unsaved = () => here.page.getByRole("region", { name: "Unsaved changes" });
const rules = () => here.server.api("/api/v2/rules");
const named = async (name) => (await rules()).find((rule) => rule.name === name);
const names = async () => (await rules()).map(({ name }) => name);
const save = async () => {
  await button("Save changes").click();
  await unsaved().waitFor({ state: "detached" });
};
const atRule = async (name) => {
  await open(here.page, `/rules/${(await named(name)).id}`);
  await editor("Code").waitFor();
};

it("says what a rule is where there is none, and makes one from a template, which is off", async () => {
  const { page } = here;
  await open(page, "/rules");
  await page.getByRole("heading", { name: "No rules" }).waitFor();
  await page.getByText("Rules run before the Actions of post-login").waitFor();
  await button("Create rule").click();
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  await dialog().getByText("Enter a name.").waitFor();
  await dialog().getByLabel(/^Name/).fill("-plan-");
  await dialog().getByText("Use letters, digits, blanks and hyphens, with a letter or digit at both ends.").waitFor();
  await dialog().getByLabel(/^Name/).fill("Roles");
  await dialog().getByRole("radio", { name: "Roles in tokens" }).check();
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Roles" }).waitFor();
  await editor("Code").getByText("context.authorization.roles").first().waitFor();
  assert.equal((await named("Roles")).enabled, false);
  assert.equal((await here.logsIn()).claims["https://example.com/roles"], undefined);
});

it("has templates that all can be loaded and tried", async () => {
  const { page, server } = here;
  for (const [name, came] of [["Empty", /^Called back/], ["Proven addresses only", /^Called back/], ["Known networks only", "The login is refused: You cannot log in from here."], ["Working days only", /^Called back/], ["Another page first", "The browser would go to https://example.com/terms first."], ["Fewer permissions", /^Called back/]]) {
    await open(page, "/rules?create=1");
    await dialog().getByLabel(/^Name/).fill(`try ${name}`);
    await dialog().getByRole("radio", { name }).check();
    await dialog().getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: `try ${name}` }).waitFor();
    await editor("Code").waitFor();
    await button("Try").click();
    await result().getByText(came).first().waitFor();
    await server.api(`/api/v2/rules/${(await named(`try ${name}`)).id}`, { method: "DELETE" });
  }
});

it("sets settings that are never shown, sets them anew, and deletes them", async () => {
  const { page, server } = here;
  await open(page, "/rules");
  const set = async (key, value) => {
    await button("Add setting").click();
    await dialog().getByLabel(/^Key/).fill(key);
    await dialog().getByLabel(/^Value/).fill(value);
    await dialog().getByRole("button", { name: "Save" }).click();
  };
  await set("no blanks", "x");
  await dialog().getByText("Enter at most 128 letters").waitFor();
  await dialog().getByLabel(/^Key/).fill("PLAN");
  await dialog().getByRole("button", { name: "Save" }).click();
  await dialog().waitFor({ state: "detached" });
  await set("OLD", "hush hush");
  await dialog().waitFor({ state: "detached" });
  await button("Set PLAN anew").click();
  await dialog().getByLabel(/^Value/).fill("gold");
  await dialog().getByRole("button", { name: "Save" }).click();
  await dialog().waitFor({ state: "detached" });
  await button("Delete OLD").click();
  await dialog().getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("Deleted OLD").waitFor();
  assert.deepEqual(await server.api("/api/v2/rules-configs"), [{ key: "PLAN" }]);
  assert.ok(!(await page.content()).includes("hush hush"));
});

it("tries what stands in the editor: what it changed, the console, the time, and nothing is kept", async () => {
  const { page } = here;
  await atRule("Roles");
  await write("Code", CODE);
  await button("Try").click();
  await result().getByText(/^Called back after \d+ ms$/).waitFor();
  await result().getByText(`context.idToken.${NS}plan`).waitFor();
  await result().getByText("gold, pro").waitFor();
  await result().getByText("plan of ann@example.com").waitFor();
  await write("user, as JSON", '{ "email": "ben@example.com", "app_metadata": { "plan": "free" } }');
  await button("Try").click();
  await result().getByText("gold, free").waitFor();
  await result().getByText("plan of ben@example.com").waitFor();
  await page.getByLabel("Somebody of yours").fill("nobody@example.com");
  await button("Take this person").click();
  await page.getByText("Nobody has this address or ID.").waitFor();
  await page.getByLabel("Somebody of yours").fill("ann@example.com");
  await page.keyboard.press("Enter");
  await editor("user, as JSON").getByText("Ann Archer").waitFor();
  await button("Try").click();
  await result().getByText("plan of ann@example.com").waitFor();
  await page.getByLabel("Sample login").selectOption("Refresh token");
  await editor("context, as JSON").getByText("oauth2-refresh-token").waitFor();
  assert.ok(!(await named("Roles")).script.includes("PLAN"), "it was tried and not saved");
});

it("tells of refusals, errors, endless loops, memory and values that a login would not take", async () => {
  const { page } = here;
  await atRule("Roles");
  for (const [body, words] of [
    ["callback(new UnauthorizedError('Not on Sundays.'));", "The login is refused: Not on Sundays."],
    ["throw new TypeError('no such luck');", /^Failed after \d+ ms: TypeError$/],
    // On a machine with much to do the clock on the wall is first.
    ["while (true) {}", /^Failed after \d+ ms: (ProcessorLimitError|TimeoutError)$/],
    ["const all = []; while (true) all.push('x'.repeat(100000) + all.length);", /^Failed after \d+ ms: MemoryLimitError$/],
    ["context.redirect = { url: 'javascript:1' }; callback(null, user, context);", /^Failed after \d+ ms: TypeError$/],
    ["context.idToken.sub = 'forged'; callback(null, user, context);", /sub was not set/],
    ["callback(null, user, context);", "It left user and context as they were."],
  ]) {
    await write("Code", `function (user, context, callback) { ${body} }`);
    await button("Try").click();
    await result().getByText(words).first().waitFor({ timeout: 30_000 });
  }
  await write("user, as JSON", "[1]");
  await button("Try").click();
  await page.getByText("What stands in user is no JSON object.").waitFor();
  await button("Discard").click();
});

it("marks a syntax error at its line, and does not save it while the rule is on", async () => {
  const { page } = here;
  await atRule("Roles");
  await write("Code", "function (user, context, callback) {\n  callback(null, user, = context);\n}\n");
  await page.getByText("There is a syntax error in line 2.").waitFor();
  await page.getByRole("switch", { name: "Enabled" }).click();
  await button("Save changes").click();
  await unsaved().getByText("One field needs attention: Code").waitFor();
  await write("Code", CODE);
  await page.getByText("There is a syntax error").waitFor({ state: "detached" });
  await page.getByLabel(/^Name/).fill("Plan in tokens");
  await save();
  const { name, enabled, script } = await named("Plan in tokens");
  assert.deepEqual([name, enabled, script], ["Plan in tokens", true, CODE]);
  assert.deepEqual((await here.logsIn()).claims[`${NS}plan`], ["gold", "pro"]);
});

it("turns a rule off at once in the list, and on again by undo", async () => {
  const { page } = here;
  await open(page, "/rules");
  const toggle = page.getByRole("switch", { name: "Plan in tokens enabled" });
  await toggle.click();
  await page.getByText("Plan in tokens is off").waitFor();
  assert.equal(await toggle.getAttribute("aria-checked"), "false");
  assert.equal((await here.logsIn()).claims[`${NS}plan`], undefined);
  await button("Undo").click();
  await eventually(async () => (await toggle.getAttribute("aria-checked")) === "true", "the switch");
  assert.deepEqual((await here.logsIn()).claims[`${NS}plan`], ["gold", "pro"]);
});

it("moves rules with buttons alone and by dragging, and all of them at once", async () => {
  const { page, server } = here;
  for (const name of ["second", "third"]) await server.api("/api/v2/rules", { body: { name, script: NOTHING } });
  await open(page, "/rules");
  const { reach, press } = byKeyboard(page);
  await reach(button("Move Plan in tokens down"));
  await press("Enter");
  await page.getByText("Plan in tokens is now 2 of 3").waitFor({ state: "attached" });
  await focused(button("Move Plan in tokens down"), "after the first move");
  await press("Enter");
  await focused(button("Move Plan in tokens up"), "at the end");
  assert.deepEqual(await names(), ["Plan in tokens", "second", "third"], "nothing holds before it is applied");
  await reach(button("Apply order"));
  await press("Enter");
  await page.getByText("The order is in force").waitFor();
  assert.deepEqual(await names(), ["second", "third", "Plan in tokens"]);
  const row = (name) => page.getByRole("listitem").filter({ has: page.getByRole("link", { name, exact: true }) });
  await row("Plan in tokens").locator(".grip").dragTo(row("second"), { targetPosition: { x: 200, y: 4 } });
  await page.getByText("Plan in tokens is now 1 of 3").waitFor({ state: "attached" });
  await button("Apply order").click();
  await eventually(async () => (await names()).join() === "Plan in tokens,second,third", "the new order");
});

it("shows what the rules of a login did on its event of the log", async () => {
  const { page, server } = here;
  await here.logsIn();
  const logged = async (type) => (await server.api(`/api/v2/logs?q=type:${type}&sort=date:-1`))[0];
  const event = await eventually(() => logged("actions_executed"), "the event");
  await open(page, `/logs/${event.log_id}`);
  const ran = dialog().getByRole("list", { name: "What your code did" });
  await ran.getByText("plan of ann@example.com").waitFor();
  await ran.getByText("second", { exact: true }).waitFor();
  assert.equal(await ran.getByText(/^ran for \d+ ms$/).count(), 3);
  const { id } = await named("third");
  await server.api(`/api/v2/rules/${id}`, { method: "PATCH", body: { script: "function () { throw new TypeError('no such luck'); }" } });
  assert.equal((await here.logsIn()).status, 500);
  const failed = await eventually(() => logged("actions_execution_failed"), "the failure");
  await open(page, `/logs/${failed.log_id}`);
  await ran.getByText("failed: TypeError: no such luck").waitFor();
  await dialog().getByText(/TypeError: no such luck\s+at /).first().waitFor();
  await server.api(`/api/v2/rules/${id}`, { method: "PATCH", body: { script: NOTHING } });
});

it("deletes a rule, and brings it back to its place by undo", async () => {
  const { page } = here;
  await open(page, "/rules");
  await button("Actions of second").click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await dialog().getByRole("button", { name: "Delete rule" }).click();
  await page.getByText("Deleted second").waitFor();
  assert.deepEqual(await names(), ["Plan in tokens", "third"]);
  await button("Undo").click();
  await page.getByText("second is back, at its place").waitFor();
  assert.deepEqual(await names(), ["Plan in tokens", "second", "third"]);
});

it("turns a rule into an Action that gives the same tokens, and says by name what does not come along", async () => {
  const { page, server } = here;
  const { id } = await named("Plan in tokens");
  await server.api(`/api/v2/rules/${id}`, { method: "PATCH", body: { script: CODE.replace("  console", "  user.seen = true;\n  context.samlConfiguration = {};\n  console") } });
  const before = (await here.logsIn()).claims;
  await atRule("Plan in tokens");
  await button("Turn into an Action").click();
  const lost = dialog().getByRole("region", { name: "What does not come along" });
  await lost.getByText("context.samlConfiguration").waitFor();
  await lost.getByText("user.seen").waitFor();
  await dialog().getByText("Settings that go along as secrets: PLAN.").waitFor();
  await dialog().getByRole("button", { name: "Create Action" }).click();
  await page.getByText("Created the Action Plan in tokens").waitFor();
  await page.getByRole("heading", { level: 1, name: "Plan in tokens" }).waitFor();
  await editor("Code").getByText("onExecutePostLogin").first().waitFor();
  assert.equal((await named("Plan in tokens")).id, id, "the rule stays");
  await button("Run").click();
  await result().getByText("plan of ann@example.com").waitFor();
  await result().getByText('"gold"').first().waitFor();
  await button("Deploy").click();
  await page.getByText("Deployed version 1").waitFor();
  await page.getByRole("link", { name: "Put it there" }).click();
  await button("Add Plan in tokens").click();
  await button("Apply").click();
  await page.getByText("The order is in force").waitFor();
  await open(page, "/rules");
  await page.getByRole("switch", { name: "Plan in tokens enabled" }).click();
  await page.getByText("Plan in tokens is off").waitFor();
  const after = (await here.logsIn()).claims;
  const plain = ({ iat, exp, sid, auth_time, ...claims }) => claims;
  assert.deepEqual(plain(after), plain(before));
  assert.deepEqual(after[`${NS}plan`], ["gold", "pro"]);
});

it("lets who may only look do nothing", async () => {
  const { page, context } = await joinAs(here, "vera@acme.example", ["viewer"]);
  await open(page, "/rules");
  await page.getByRole("link", { name: "second" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /^(Create rule|Add setting|Move .*)$/ }).count(), 0);
  assert.ok(await page.getByRole("switch", { name: "second enabled" }).isDisabled());
  await page.getByRole("link", { name: "second" }).click();
  await page.getByRole("textbox", { name: "Code", exact: true }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Try", exact: true }).getAttribute("aria-disabled"), "true");
  await context.close();
});

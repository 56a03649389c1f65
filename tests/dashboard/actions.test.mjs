// Actions: editor, test, secrets, versions, order; hooks: checklist 98 to 103.
import assert from "node:assert/strict";
import { it } from "node:test";
import { byKeyboard, focused } from "./support/keyboard.mjs";
import { open } from "./support/pages.mjs";
import { makeShop } from "./support/shop.mjs";
import { makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const CODE = (plan) => `exports.onExecuteCredentialsExchange = async (event, api) => {
  console.log('hello ' + event.client.name);
  api.accessToken.setCustomClaim('https://acme.example/plan', '${plan}');
};
`;
const NOTHING = "exports.onExecuteCredentialsExchange = async () => {};";
const TRIGGER = [{ id: "credentials-exchange", version: "v2" }];
const BINDINGS = "/api/v2/actions/triggers/credentials-exchange/bindings";

const here = world({
  prepare: async (server) => {
    const sample = await makeSample(server);
    const made = {};
    for (const name of ["add-plan", "deny-weekend", "stamp"]) {
      made[name] = await server.api("/api/v2/actions/actions", { body: { name, code: name === "add-plan" ? CODE("pro") : NOTHING, supported_triggers: TRIGGER, deploy: true } });
    }
    const bindings = ["add-plan", "deny-weekend"].map((name) => ({ ref: { type: "action_name", value: name } }));
    await server.api(BINDINGS, { method: "PATCH", body: { bindings } });
    return { ...sample, made, ...(await makeShop(server)) };
  },
});

const dialog = () => here.page.getByRole("dialog");
const code = () => here.page.getByRole("textbox", { name: "Code", exact: true });
const at = (name, part = "code") => open(here.page, `/actions/library/${here.made[name].id}/${part}`);
const stored = (name) => here.server.api(`/api/v2/actions/actions/${here.made[name].id}`);
const order = async () => (await here.server.api(BINDINGS)).bindings.map(({ display_name }) => display_name);
const deploy = () => here.page.getByRole("button", { name: "Deploy", exact: true });
const claims = async () => {
  const { client, api, server } = here;
  const { body } = await server.token(client.client_id, client.client_secret, api.identifier);
  return JSON.parse(Buffer.from(body.access_token.split(".")[1], "base64url"));
};

it("creates an action, and says of other triggers that they are stored only", async () => {
  const { page } = here;
  await open(page, "/actions/library");
  await page.getByRole("button", { name: "Create action" }).click();
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  await dialog().getByText("Enter a name.").waitFor();
  await dialog().getByLabel(/^Name/).fill("greet");
  await dialog().getByLabel("Trigger").selectOption("send-phone-message");
  await dialog().getByText("send-phone-message is stored only").waitFor();
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "greet" }).waitFor();
  await page.getByText("stored only").first().waitFor();
  await code().getByText("onExecuteSendPhoneMessage").waitFor();
});

it("makes actions of each trigger from templates, and runs each with an event of that trigger", async () => {
  const { page } = here;
  for (const [trigger, template, words] of [
    ["credentials-exchange", "A claim in the token", '"https://example.com/plan": "free"'],
    ["credentials-exchange", "Only some applications", /^The token is refused/],
    ["credentials-exchange", "Fewer permissions", "Token after"],
    ["post-login", "Roles in tokens", '"https://example.com/roles"'],
    ["post-login", "Proven addresses only", "Login after"],
    ["post-login", "Remember the first login", '"client": "Shop"'],
    ["post-login", "Another page first", "The browser would go to https://example.com/terms first."],
    ["pre-user-registration", "Some domains only", "Account after"],
    ["pre-user-registration", "Metadata", '"signed_up_through": "Shop"'],
    ["post-user-registration", "Into the log", "signed up: auth0|"],
    ["post-change-password", "Into the log", "another password: auth0|"],
  ]) {
    const name = `${trigger} ${template}`;
    await open(page, "/actions/library?create=1");
    await dialog().getByLabel(/^Name/).fill(name);
    await dialog().getByLabel("Trigger").selectOption(trigger);
    await dialog().getByRole("radio", { name: template }).check();
    await dialog().getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    const result = page.getByRole("region", { name: "Result" });
    await result.getByText(/^Ran in \d+ ms$/).waitFor();
    await result.getByText(words).first().waitFor();
  }
});

it("says of each trigger what event and api have there", async () => {
  const { page } = here;
  await at("add-plan");
  await page.getByText("What event and api have here").click();
  const lines = page.getByRole("region", { name: "Event and api" });
  await lines.getByText("api.access.deny(code, reason)").waitFor();
  assert.equal(await lines.getByText("event.user", { exact: true }).count(), 0);
});

it("marks a syntax error at its line before it is saved, and blocks Deploy with the reason", async () => {
  const { page } = here;
  await at("stamp");
  await code().fill("exports.a = 1;\nexports.b = = 2;\n");
  await page.getByText("There is a syntax error in line 2.").waitFor();
  assert.equal(await deploy().getAttribute("aria-disabled"), "true");
  assert.match(await deploy().getAttribute("aria-description"), /syntax error \(line 2\)/);
  await code().fill(CODE("gold"));
  await page.getByText("There is a syntax error").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Discard" }).click();
});

it("leaves the editor by Escape, then Tab", async () => {
  const { page } = here;
  await at("stamp");
  await code().click();
  await page.keyboard.press("Tab");
  await focused(code(), "after Tab alone");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await eventually(() => code().evaluate((element) => element !== document.activeElement), "the focus outside of the editor");
  await page.getByRole("button", { name: "Discard" }).click();
});

it("sets a secret and never shows it", async () => {
  const { page } = here;
  await at("stamp", "secrets");
  await page.getByRole("button", { name: "Add secret" }).click();
  await dialog().getByLabel("Name").fill("KEY");
  await dialog().getByLabel("Value").fill("hush-hush-hush");
  await dialog().getByRole("button", { name: "Save changes" }).click();
  await dialog().waitFor({ state: "detached" });
  await page.getByRole("cell", { name: "KEY", exact: true }).waitFor();
  assert.ok(!(await page.content()).includes("hush-hush-hush"));
  await page.getByRole("button", { name: "Delete KEY" }).click();
  await dialog().getByRole("button", { name: "Delete" }).click();
  await page.getByText("No secrets yet.").waitFor();
  assert.deepEqual((await stored("stamp")).secrets, []);
});

it("runs the draft against the sample event and shows console, errors, duration and the token before and after", async () => {
  const { page } = here;
  await at("add-plan");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const result = page.getByRole("region", { name: "Result" });
  await result.getByText(/^Ran in \d+ ms$/).waitFor();
  await result.getByText("hello nightly-job").waitFor();
  assert.ok(!(await result.getByRole("region", { name: "Token before" }).or(result.getByText("Token before").locator("../..")).first().innerText()).includes("acme.example/plan"));
  await result.getByText('"https://acme.example/plan": "pro"').waitFor();
  await code().fill("exports.onExecuteCredentialsExchange = async () => {\n  throw new TypeError('no such luck');\n};\n");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("region", { name: "Unsaved changes" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await result.getByText("Failed: TypeError").waitFor();
  await result.getByText("TypeError: no such luck").first().waitFor();
});

it("makes the next token carry the claim by Deploy, and takes it away by Revert", async () => {
  const { page } = here;
  assert.equal((await claims())["https://acme.example/plan"], "pro");
  await at("add-plan");
  await code().fill(CODE("gold"));
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("region", { name: "Unsaved changes" }).waitFor({ state: "detached" });
  await deploy().click();
  await page.getByText("Deployed version 2").waitFor();
  assert.equal((await claims())["https://acme.example/plan"], "gold");
  await at("add-plan", "versions");
  await page.getByRole("button", { name: "Revert to version 1" }).click();
  await dialog().getByRole("button", { name: "Revert" }).click();
  await page.getByText("Version 3 is live, with the code of version 1").waitFor();
  assert.equal((await claims())["https://acme.example/plan"], "pro");
});

it("reorders with buttons alone, and announces it", async () => {
  const { page } = here;
  await open(page, "/actions/trigger");
  const { reach, press } = byKeyboard(page);
  const down = page.getByRole("button", { name: "Move add-plan down" });
  await reach(down);
  await press("Enter");
  await page.getByText("add-plan is now 2 of 2").waitFor({ state: "attached" });
  await focused(page.getByRole("button", { name: "Move add-plan up" }), "after the move");
  assert.deepEqual(await order(), ["add-plan", "deny-weekend"], "nothing holds before it is applied");
  await reach(page.getByRole("button", { name: "Apply" }));
  await press("Enter");
  await page.getByText("The order is in force").waitFor();
  assert.deepEqual(await order(), ["deny-weekend", "add-plan"]);
  await page.getByRole("button", { name: "Add stamp" }).click();
  await page.getByRole("button", { name: "Take deny-weekend out" }).click();
  await page.getByRole("button", { name: "Apply" }).click();
  await eventually(async () => (await order()).join() === "add-plan,stamp", "the new order");
});

it("orders the actions of each trigger by itself, by dragging too, and the people there meet them", async () => {
  const { page, server } = here;
  const make = async (name, trigger, code) => server.api("/api/v2/actions/actions", { body: { name, code, supported_triggers: [{ id: trigger }], deploy: true } });
  const said = (n) => `exports.onExecutePostLogin = async (event, api) => { api.idToken.setCustomClaim('https://acme.example/last', ${n}); console.log('hello ' + event.user.email); };`;
  await make("one", "post-login", said(1));
  await make("two", "post-login", said(2));
  await make("domains", "pre-user-registration", "exports.onExecutePreUserRegistration = async (event, api) => { if (!event.user.email.endsWith('@acme.example')) api.access.deny('domain', 'Not you.'); };");
  const bound = async (trigger) => (await server.api(`/api/v2/actions/triggers/${trigger}/bindings`)).bindings.map(({ display_name }) => display_name);
  await open(page, "/actions/trigger");
  await page.getByLabel("Trigger").selectOption("post-login");
  await page.waitForURL(/trigger=post-login/);
  await page.getByText("Somebody has logged in, and the rules have run").waitFor();
  await page.getByRole("button", { name: "Add one" }).click();
  await page.getByRole("button", { name: "Add two" }).click();
  await page.getByRole("button", { name: "Apply" }).click();
  await eventually(async () => (await bound("post-login")).join() === "one,two", "both");
  assert.equal((await here.logsIn()).claims["https://acme.example/last"], 2);
  await page.reload();
  const row = (name) => page.getByRole("listitem").filter({ has: page.getByRole("link", { name, exact: true }) });
  await row("two").locator(".grip").dragTo(row("one"), { targetPosition: { x: 200, y: 4 } });
  await page.getByText("two is now 1 of 2").waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Apply" }).click();
  await eventually(async () => (await bound("post-login")).join() === "two,one", "the other order");
  assert.equal((await here.logsIn()).claims["https://acme.example/last"], 1);
  await open(page, "/actions/trigger?trigger=pre-user-registration");
  await page.getByRole("button", { name: "Add domains" }).click();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("The order is in force").waitFor();
  assert.equal((await here.signsUp("eve@elsewhere.example")).status, 400);
  assert.equal((await here.signsUp("ben@acme.example")).status, 200);
});

it("shows what the actions of a login did on its event of the log", async () => {
  const { page, server } = here;
  await here.logsIn();
  const event = await eventually(async () => (await server.api("/api/v2/logs?q=type:actions_executed&sort=date:-1"))[0], "the event");
  await open(page, `/logs/${event.log_id}`);
  const ran = dialog().getByRole("list", { name: "What your code did" });
  assert.equal(await ran.getByText("hello ann@example.com").count(), 2);
  await ran.getByText(/^ran for \d+ ms$/).first().waitFor();
});

it("enables a hook of people’s triggers, which runs there", async () => {
  const { page, server } = here;
  const script = "module.exports = (user, context, cb) => cb(new PreUserRegistrationError('log', 'Nobody today.'));";
  await server.api("/api/v2/hooks", { body: { name: "closed", script, triggerId: "pre-user-registration" } });
  await open(page, "/actions/hooks");
  await page.getByRole("switch", { name: "closed enabled" }).click();
  await page.getByText("closed is enabled").waitFor();
  const { status, body } = await here.signsUp("eva@acme.example");
  assert.deepEqual([status, body.message ?? body.description], [400, "Nobody today."]);
  await page.getByRole("button", { name: "Delete closed" }).click();
  await dialog().getByRole("button", { name: "Delete hook" }).click();
  await page.getByText("Deleted closed").waitFor();
});

it("enables one hook of a trigger and deletes it", async () => {
  const { page, server } = here;
  const body = { name: "old-stamp", script: "module.exports = (client, scope, audience, context, cb) => cb(null, { scope });", triggerId: "credentials-exchange" };
  const hook = await server.api("/api/v2/hooks", { body });
  await open(page, "/actions/hooks");
  await page.getByRole("switch", { name: "old-stamp enabled" }).click();
  await page.getByText("old-stamp is enabled").waitFor();
  assert.equal((await server.api(`/api/v2/hooks/${hook.id}`)).enabled, true);
  await page.getByRole("button", { name: "Delete old-stamp" }).click();
  await dialog().getByRole("button", { name: "Delete hook" }).click();
  await page.getByText("No hooks").waitFor();
});

it("deletes an action with its place in the order", async () => {
  const { page } = here;
  await open(page, "/actions/library");
  await page.getByRole("button", { name: "Actions of stamp" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await dialog().getByRole("button", { name: "Delete action" }).click();
  await page.getByText("Deleted stamp").waitFor();
  assert.deepEqual(await order(), ["add-plan"]);
});

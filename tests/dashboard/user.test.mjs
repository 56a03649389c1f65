// One person: their profile, what they log in with, their accounts, metadata, sessions, roles, permissions, log and history.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Faults, openContext } from "./support/browser.mjs";
import { open, settled } from "./support/pages.mjs";
import { DATABASE, makePeople, makeUser, PASSWORD, visitShop } from "./support/people.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makePeople });

const dialog = (name) => here.page.getByRole("dialog", { name });
const path = ({ user_id }) => `/api/v2/users/${encodeURIComponent(user_id)}`;
const stored = (user = here.jane) => here.server.api(path(user));
const show = (tab, user = here.jane) => open(here.page, `/users/${encodeURIComponent(user.user_id)}/${tab}`);
const bar = () => here.page.getByRole("region", { name: "Unsaved changes" });
const button = (name) => here.page.getByRole("button", { name, exact: true });
const mails = async (to) => (await here.server.api(`/api/x/mailbox?to=${encodeURIComponent(to)}`)).mails;

async function save() {
  await here.page.keyboard.press("Control+S");
  await bar().waitFor({ state: "detached" });
}

async function act(item, name = "Jane Doe") {
  await here.page.getByRole("button", { name: `Actions of ${name}` }).click();
  await here.page.getByRole("menuitem", { name: item, exact: true }).click();
}

/** Somebody's browser, in which they log in to the shop. */
async function visit(user = here.jane) {
  const context = await openContext(here.browser, { origin: here.server.origin, faults: new Faults() });
  const tokens = await visitShop(context, here.server, here, user);
  assert.ok(tokens.refresh_token, JSON.stringify(tokens));
  await context.close();
  return tokens;
}

const refresh = async ({ refresh_token }) => {
  const body = { grant_type: "refresh_token", client_id: here.shop.client_id, client_secret: here.shop.client_secret, refresh_token };
  return (await here.server.fetch("/oauth/token", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })).status;
};

const logIn = async ({ email }, password) => {
  const body = { grant_type: "http://auth0.com/oauth/grant-type/password-realm", realm: DATABASE, username: email, password, client_id: here.shop.client_id, client_secret: here.shop.client_secret };
  return (await here.server.fetch("/oauth/token", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })).status;
};

it("saves a profile with what changed only, and says beside a field what is wrong", async () => {
  const { page } = here;
  await show("details");
  await page.getByLabel("Picture").fill("no address");
  await page.getByText("Enter a full address").waitFor();
  await page.getByLabel("Picture").fill("https://acme.example/jane.png");
  await page.getByLabel("Nickname").fill("");
  await page.keyboard.press("Control+S");
  await page.getByText("This cannot be emptied; enter something.").waitFor();
  await page.getByLabel("Nickname").fill("JD");
  const sent = page.waitForRequest((request) => request.method() === "PATCH");
  await save();
  assert.deepEqual((await sent).postDataJSON(), { picture: "https://acme.example/jane.png", nickname: "JD" });
  assert.deepEqual([(await stored()).nickname, (await stored()).picture], ["JD", "https://acme.example/jane.png"]);
});

it("asks before unsaved edits are lost, keeps them between tabs, and tells when somebody else saved first", async () => {
  const { page, server } = here;
  await show("details");
  await page.getByLabel("Full name").fill("Jane Q. Doe");
  await page.getByRole("link", { name: "Metadata" }).click();
  await page.getByRole("heading", { name: "User metadata" }).waitFor();
  await page.getByRole("link", { name: "Details" }).click();
  assert.equal(await page.getByLabel("Full name").inputValue(), "Jane Q. Doe");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Roles" }).click();
  await dialog("Leave with unsaved changes?").getByRole("button", { name: "Stay" }).click();
  await server.api(path(here.jane), { method: "PATCH", body: { given_name: "Janet" } });
  here.faults.allow(/status of 412/);
  await page.keyboard.press("Control+S");
  const conflict = dialog("Somebody saved this while you were editing");
  await conflict.getByText("Janet").waitFor();
  await conflict.getByRole("button", { name: "Keep mine" }).click();
  await conflict.waitFor({ state: "detached" });
  await bar().waitFor({ state: "detached" });
  assert.deepEqual([(await stored()).name, (await stored()).given_name], ["Jane Q. Doe", "Janet"]);
  await server.api(path(here.jane), { method: "PATCH", body: { name: "Jane Doe", given_name: "Jane" } });
});

it("changes address and password, one at a time, and marks an address as verified", async () => {
  const { page } = here;
  await show("details", here.john);
  await button("Change Email address").click();
  const form = dialog("Change email address: John Smith");
  await form.getByLabel("New email address").fill("nowhere");
  await form.getByRole("button", { name: "Change email address" }).click();
  await form.getByText("Enter an address such as jane@acme.example.").waitFor();
  await form.getByLabel("New email address").fill("john.smith@acme.example");
  await form.getByRole("button", { name: "Change email address" }).click();
  await form.waitFor({ state: "detached" });
  await page.getByText("not verified").waitFor();
  await button("Mark as verified").click();
  await eventually(async () => (await stored(here.john)).email_verified === true, "the address to be verified");
  assert.equal((await stored(here.john)).email, "john.smith@acme.example");

  await button("Change Password").click();
  const change = dialog("Change password: John Smith");
  await change.getByLabel("New password").fill("weak");
  here.faults.allow(/status of 400/);
  await change.getByRole("button", { name: "Change password" }).click();
  await change.getByRole("alert").waitFor();
  await change.getByLabel("New password").fill("Another-Horse-8-Battery");
  await change.getByRole("button", { name: "Change password" }).click();
  await change.waitFor({ state: "detached" });
  const john = await stored(here.john);
  assert.equal(await logIn(john, PASSWORD), 403);
  assert.equal(await logIn(john, "Another-Horse-8-Battery"), 200);
});

it("sends mails, and makes links that verify an address and reset a password", async () => {
  const { page, server } = here;
  const mona = await makeUser(server, { email: "mona@acme.example", name: "Mona Lee" });
  await show("details", mona);
  await act("Send verification email", "Mona Lee");
  await page.getByText("A mail to mona@acme.example is on its way.").waitFor();
  await eventually(async () => (await mails("mona@acme.example")).length === 1, "the first mail");
  await page.getByRole("button", { name: "Dismiss message" }).click();
  await act("Send password reset email", "Mona Lee");
  await page.getByText("A mail to mona@acme.example is on its way.").waitFor();
  await eventually(async () => (await mails("mona@acme.example")).length === 2, "the second mail");
  for (const [item, title, pattern] of [["Get a verification link", "Verification link", /\/u\/email-verification\?ticket=/], ["Get a password reset link", "Password reset link", /\/u\/reset-verify\?ticket=/]]) {
    await act(item, "Mona Lee");
    const link = dialog(title);
    assert.match(await link.getByRole("textbox").inputValue(), pattern);
    await link.getByRole("button", { name: "Copy link" }).click();
    await link.getByRole("button", { name: "Close", exact: true }).last().click();
    await link.waitFor({ state: "detached" });
  }
});

it("links another person’s account after saying what is lost, and unlinks it again", async () => {
  const { page, server } = here;
  const twin = await makeUser(server, { email: "jane.twin@acme.example", name: "Jane’s twin" });
  await show("details");
  await button("Link an account").click();
  const form = dialog("Link an account to Jane Doe");
  await form.getByRole("textbox", { name: "User" }).fill("jane");
  await form.getByRole("radio", { name: /Jane’s twin/ }).check();
  assert.equal(await form.getByRole("radio", { name: /Jane Doe/ }).count(), 0);
  await form.getByText("Jane’s twin is then no user any more").waitFor();
  await form.getByRole("button", { name: "Link account" }).click();
  await form.waitFor({ state: "detached" });
  const accounts = page.getByRole("table", { name: "Accounts" });
  await accounts.getByText(twin.user_id).waitFor();
  assert.equal((await stored()).identities.length, 2);
  await button(`Unlink ${twin.user_id}`).click();
  await dialog(`Unlink ${twin.user_id}?`).getByRole("button", { name: "Unlink" }).click();
  await dialog(`Unlink ${twin.user_id}?`).waitFor({ state: "detached" });
  await accounts.getByText(twin.user_id).waitFor({ state: "detached" });
  assert.equal((await stored(twin)).email, "jane.twin@acme.example");
});

it("edits metadata as JSON: a fault is said with its line, and what is taken out goes", async () => {
  const { page } = here;
  await show("metadata");
  const editor = page.getByRole("textbox", { name: "App metadata" });
  const write = async (text) => {
    await editor.click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText(text);
  };
  await write('{\n  "plan": "silver",\n  oops\n}');
  await page.getByRole("alert").filter({ hasText: "Line 3:" }).waitFor();
  await page.keyboard.press("Control+S");
  await bar().getByText("One field needs attention").waitFor();
  await write('{ "email": "x" }');
  await page.getByText("“email” means something else and cannot be a key here.").waitFor();
  await write('{ "plan": "silver", "tags": ["a"] }');
  await button("Format App metadata").click();
  await page.getByRole("button", { name: "Review" }).click();
  await dialog("Review changes").getByText('"seats": null').waitFor();
  await page.keyboard.press("Escape");
  await save();
  assert.deepEqual((await stored()).app_metadata, { plan: "silver", tags: ["a"] });
  assert.deepEqual((await stored()).user_metadata, { lang: "en", newsletter: true });
  await here.server.api(path(here.jane), { method: "PATCH", body: { app_metadata: { plan: "gold" } } });
});

it("shows sessions, refresh tokens and consents, and ends each after a question", async () => {
  const { page } = here;
  const first = await visit();
  await show("sessions");
  const [sessions, tokens, consents] = ["Sessions", "Refresh tokens", "Consents"].map((name) => page.getByRole("table", { name }));
  await sessions.getByText("Chrome on").waitFor();
  await tokens.getByRole("link", { name: "Partner shop" }).waitFor();
  await consents.getByText("read:invoices").waitFor();
  await button("Revoke Partner shop").click();
  await dialog("Revoke the refresh token of Partner shop?").getByRole("button", { name: "Revoke" }).click();
  await dialog("Revoke the refresh token of Partner shop?").waitFor({ state: "detached" });
  await tokens.waitFor({ state: "detached" });
  assert.equal(await refresh(first), 403);

  const second = await visit();
  await page.reload();
  await settled(page);
  assert.equal(await sessions.locator("tbody tr").count(), 2);
  await page.getByRole("button", { name: /^End Chrome/ }).first().click();
  await dialog(/^End the session in Chrome/).getByRole("button", { name: "End" }).click();
  await eventually(async () => (await sessions.locator("tbody tr").count()) === 1, "one session");
  await button("Withdraw Partner shop").click();
  await dialog("Withdraw what Partner shop was allowed?").getByRole("button", { name: "Withdraw" }).click();
  await dialog("Withdraw what Partner shop was allowed?").waitFor({ state: "detached" });
  await consents.waitFor({ state: "detached" });
  assert.equal(await refresh(second), 403);

  const third = await visit();
  await page.reload();
  await settled(page);
  await act("Sign out everywhere");
  await dialog("Sign Jane Doe out everywhere?").getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByText("No open sessions.").waitFor();
  await page.getByText("No refresh tokens.").waitFor();
  assert.equal(await refresh(third), 403);
});

it("says that failed logins keep somebody out, and lets them in again", async () => {
  const { page, server } = here;
  const hal = await makeUser(server, { email: "hal@acme.example", name: "Hal Roe" });
  await server.api("/api/v2/attack-protection/brute-force-protection", { method: "PATCH", body: { max_attempts: 3 } });
  for (let tried = 0; tried < 3; tried += 1) assert.equal(await logIn(hal, "wrong"), 403);
  assert.equal(await logIn(hal, PASSWORD), 429);
  await show("details", hal);
  await page.getByText("Locked after failed logins").waitFor();
  await page.getByText("Blocked from 127.0.0.1").waitFor();
  await button("Unblock").click();
  await page.getByText("Kept out after failed logins").waitFor({ state: "detached" });
  assert.equal(await logIn(hal, PASSWORD), 200);
});

it("assigns and removes roles, and shows where each permission comes from", async () => {
  const { page, server } = here;
  const support = await server.api("/api/v2/roles", { body: { name: "Support", description: "Helps people" } });
  await show("roles");
  const roles = page.getByRole("table", { name: "Roles" });
  await roles.getByText("Auditor").waitFor();
  await button("Assign roles").click();
  const form = dialog("Assign roles to Jane Doe");
  assert.equal(await form.getByRole("checkbox", { name: /Auditor/ }).count(), 0);
  await form.getByRole("checkbox", { name: /Support/ }).check();
  await form.getByRole("button", { name: "Assign 1 role" }).click();
  await roles.getByText("Support").waitFor();
  const held = async () => (await server.api(`${path(here.jane)}/roles`)).map(({ name }) => name).sort();
  assert.deepEqual(await held(), ["Auditor", "Support"]);
  await button("Remove Support").click();
  await roles.getByText("Support").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await roles.getByText("Support").waitFor();
  await server.api(`/api/v2/roles/${support.id}`, { method: "DELETE" });

  await show("permissions");
  const permissions = page.getByRole("table", { name: "Permissions" });
  await permissions.getByRole("row").filter({ hasText: "read:invoices" }).getByRole("link", { name: "Auditor" }).waitFor();
  await permissions.getByRole("row").filter({ hasText: "pay:invoices" }).getByText("direct").waitFor();
  assert.equal(await button("Remove read:invoices of Billing API").count(), 0, "what comes with a role is removed there");
  await button("Add permissions").click();
  const add = dialog("Add permissions to Jane Doe");
  await add.getByLabel("API").selectOption(here.billing.identifier);
  await add.getByRole("checkbox", { name: /^delete:invoices/ }).check();
  await add.getByRole("button", { name: "Add 1 permission" }).click();
  await permissions.getByText("delete:invoices").waitFor();
  await button("Remove delete:invoices of Billing API").click();
  await permissions.getByText("delete:invoices").waitFor({ state: "detached" });
  assert.deepEqual((await server.api(`${path(here.jane)}/permissions`)).map(({ permission_name }) => permission_name).sort(), ["pay:invoices", "read:invoices"]);
});

it("shows their events, who changed what, and everything as JSON", async () => {
  const { page } = here;
  await show("logs");
  await page.locator("[data-id]").filter({ hasText: "Sign-in" }).first().waitFor();
  assert.equal(await page.locator("[data-id]").filter({ hasText: "hal@" }).count(), 0);
  await show("history");
  await page.getByRole("list").getByText("Update a User").first().waitFor();
  await page.getByRole("cell", { name: /Nickname/ }).first().waitFor();
  await show("json");
  const json = JSON.parse(await page.getByRole("group", { name: "JSON of Jane Doe" }).innerText());
  assert.deepEqual([json.user_id, json.email, json.app_metadata.plan], [here.jane.user_id, "jane@acme.example", "gold"]);
});

it("blocks and deletes from the danger zone, each after a question, and says that nobody is there any more", async () => {
  const { page, server } = here;
  const zoe = await makeUser(server, { email: "zoe@acme.example", name: "Zoe Fox" });
  await show("details", zoe);
  await button("Block this user").click();
  await dialog("Block Zoe Fox?").getByRole("button", { name: "Block" }).click();
  await button("Unblock this user").waitFor();
  assert.equal((await stored(zoe)).blocked, true);
  assert.notEqual(await logIn(zoe, PASSWORD), 200);
  await button("Unblock this user").click();
  await button("Block this user").waitFor();
  await page.getByLabel("Nickname").fill("never saved");
  await button("Delete this user").click();
  await dialog("Delete Zoe Fox?").getByRole("button", { name: "Delete user" }).click();
  await page.waitForURL("**/users");
  assert.equal((await server.api(path(zoe), { expect: false })).status, 404);
  here.faults.allow(/status of 404/);
  await show("details", zoe);
  await page.getByRole("heading", { name: "Nobody is here" }).waitFor();
});

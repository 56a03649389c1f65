// The list of people: found, sorted and paged, made, imported, exported, blocked and deleted. Checklist 109.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { gunzipSync } from "node:zlib";
import { byKeyboard, focused } from "./support/keyboard.mjs";
import { open, settled } from "./support/pages.mjs";
import { DATABASE, makePeople, makeUser, PASSWORD } from "./support/people.mjs";
import { eventually } from "./support/server.mjs";
import { joinAs } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makePeople });

const dialog = (name) => here.page.getByRole("dialog", { name });
const table = () => here.page.getByRole("table", { name: "Users" });
const row = (name) => table().getByRole("row").filter({ hasText: name });
const field = () => here.page.getByRole("textbox", { name: "Search users" });
const names = () => table().locator("tbody a.name").allInnerTexts();
const userNamed = async (email) => (await here.server.api(`/api/v2/users-by-email?email=${encodeURIComponent(email)}`))[0];
const shows = (expected, what) => eventually(async () => JSON.stringify(await names()) === JSON.stringify(expected), `${what ?? ""} ${expected.join(", ")}`);

async function choose(name, item) {
  await here.page.getByRole("button", { name: `Actions of ${name}` }).click();
  await here.page.getByRole("menuitem", { name: item }).click();
}

it("lists people with connection, logins and state, the newest first, and sorts them on the server", async () => {
  const { page } = here;
  await open(page, "/users");
  await shows(["noor@other.example", "John Smith", "Jane Doe"]);
  await page.getByRole("status").filter({ hasText: "3 users" }).waitFor();
  await row("Jane Doe").getByText(DATABASE).waitFor();
  await row("Jane Doe").getByText("jane@acme.example").waitFor();
  await row("John Smith").getByText("email not verified").waitFor();
  await row("noor@other.example").getByText("Blocked").waitFor();
  await table().getByRole("button", { name: "Created" }).press("Enter");
  await shows(["Jane Doe", "John Smith", "noor@other.example"]);
  assert.equal(await table().getByRole("columnheader", { name: "Created" }).getAttribute("aria-sort"), "ascending");
  assert.match(page.url(), /sort=created_at/);
});

it("finds people by how a name or address begins, by identifier, and by a query; the address keeps it", async () => {
  const { page } = here;
  await open(page, "/users");
  for (const [typed, found] of [
    ["jane d", ["Jane Doe"]], ["JOHN@acme", ["John Smith"]], [here.noor.user_id, ["noor@other.example"]],
    ["blocked:true", ["noor@other.example"]], ["email.domain:acme.example AND NOT email_verified:true", ["John Smith"]],
    ["app_metadata.plan:gold", ["Jane Doe"]], ["app_metadata.seats:[2 TO 4]", ["Jane Doe"]], ["_exists_:given_name", ["Jane Doe"]],
  ]) {
    await field().fill(typed);
    await shows(found, typed);
    await eventually(() => new URL(page.url()).searchParams.get("q") === typed, `${typed} in the address`);
  }
  await page.reload();
  await settled(page);
  await shows(["Jane Doe"]);
  assert.equal(await field().inputValue(), "_exists_:given_name");
  await field().fill("nobody of this name");
  await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
  await page.getByRole("button", { name: "Clear filter" }).click();
  await shows(["noor@other.example", "John Smith", "Jane Doe"]);
});

it("says beside the field what is wrong with a query, and keeps what was found", async () => {
  const { page } = here;
  await open(page, "/users?q=jane");
  await shows(["Jane Doe"]);
  await field().fill("mail:jane");
  await field().press("Enter");
  const alert = page.getByRole("alert").filter({ hasText: "There is no such field." });
  await alert.waitFor();
  assert.equal(await alert.locator("mark").innerText(), "mail");
  assert.equal(await field().getAttribute("aria-invalid"), "true");
  await shows(["Jane Doe"]);
  // What only the server knows to be wrong is told in its words.
  here.faults.allow(/status of 400/);
  await field().fill("user_metadata.lang:[a TO b]");
  await field().press("Enter");
  await page.getByRole("alert").filter({ hasText: "Ranges are not available on user_metadata fields." }).waitFor();
  await shows(["Jane Doe"]);
});

it("creates a user: what is missing is said beside its field, a taken address too, and it ends on their page", async () => {
  const { page } = here;
  await open(page, "/users");
  await page.getByRole("button", { name: "Create user" }).click();
  const form = dialog("Create user");
  await focused(form.getByRole("textbox", { name: "Email address" }));
  await form.getByRole("button", { name: "Create user" }).click();
  await form.getByText("Enter an email address.").waitFor();
  await form.getByText("Enter a password.").waitFor();
  await form.getByRole("textbox", { name: "Email address" }).fill("jane@acme.example");
  await form.getByLabel("Password").fill(PASSWORD);
  here.faults.allow(/status of 4\d\d/);
  await form.getByRole("button", { name: "Create user" }).click();
  await form.getByText("Somebody in this connection has this already.").waitFor();
  await form.getByRole("textbox", { name: "Email address" }).fill("Mia@acme.example");
  await form.getByLabel("Password").fill("short");
  await form.getByRole("button", { name: "Create user" }).click();
  await form.getByRole("alert").waitFor();
  await form.getByLabel("Password").fill(PASSWORD);
  await form.getByLabel("Full name").fill("Mia Wong");
  await form.getByRole("checkbox", { name: "Mark the email address as verified" }).check();
  await form.getByRole("button", { name: "Create user" }).click();
  await page.getByRole("heading", { level: 1, name: "Mia Wong" }).waitFor();
  const mia = await userNamed("mia@acme.example");
  assert.deepEqual([mia.name, mia.email_verified, mia.identities[0].connection], ["Mia Wong", true, DATABASE]);
  await page.waitForURL(`**/users/${encodeURIComponent(mia.user_id)}/details`);
});

it("asks for a username and for what else the connection wants", async () => {
  const { page, server } = here;
  const { id } = await server.api("/api/v2/connections", { body: { name: "staff", strategy: "auth0", options: { requires_username: true } } });
  await open(page, "/users?create=1");
  const form = dialog("Create user");
  await form.getByLabel("Connection").selectOption("staff");
  await form.getByText("No application has this connection enabled").waitFor();
  await form.getByRole("textbox", { name: "Email address" }).fill("pat@acme.example");
  await form.getByLabel("Password").fill(PASSWORD);
  await form.getByRole("button", { name: "Create user" }).click();
  await form.getByText("Enter a username.").waitFor();
  await form.getByLabel("Username").fill("Pat.Kim");
  await form.getByRole("button", { name: "Create user" }).click();
  await page.getByRole("heading", { level: 1, name: "pat@acme.example" }).waitFor();
  assert.equal((await userNamed("pat@acme.example")).username, "pat.kim");
  await page.getByRole("button", { name: "Change Username" }).waitFor();
  await server.api(`/api/v2/connections/${id}`, { method: "DELETE" });
});

it("blocks at once with a way back, and takes it back by itself when the server refuses", async () => {
  const { page, server } = here;
  await open(page, "/users?q=john");
  const path = `**/api/v2/users/${encodeURIComponent(here.john.user_id)}`;
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  await page.route(path, async (route) => {
    if (route.request().method() !== "PATCH") return route.fallback();
    await held;
    return route.fallback();
  });
  await choose("John Smith", "Block");
  await row("John Smith").getByText("Blocked", { exact: true }).waitFor();
  assert.notEqual((await server.api(`/api/v2/users/${encodeURIComponent(here.john.user_id)}`)).blocked, true, "shown before the server has answered");
  answer();
  await page.getByText("John Smith is blocked and signed out everywhere.").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await row("John Smith").getByText("Active").waitFor();
  await eventually(async () => (await server.api(`/api/v2/users/${encodeURIComponent(here.john.user_id)}`)).blocked === false, "John to be unblocked");
  await page.unroute(path);

  await page.route(path, (route) => (route.request().method() === "PATCH" ? route.fulfill({ status: 429, contentType: "application/json", body: JSON.stringify({ statusCode: 429, error: "Too Many Requests", message: "Global limit has been reached" }) }) : route.fallback()));
  here.faults.allow(/status of 429/);
  await choose("John Smith", "Block");
  await page.getByText("Global limit has been reached").waitFor();
  await row("John Smith").getByText("Active").waitFor();
  await page.unroute(path);
});

it("deletes somebody only after a question that names them and what goes", async () => {
  const { page, server } = here;
  await open(page, "/users");
  await choose("noor@other.example", "Delete user");
  const ask = dialog("Delete noor@other.example?");
  await ask.getByText(here.noor.user_id).waitFor();
  await ask.getByText("This cannot be undone.").waitFor();
  await ask.getByRole("button", { name: "Cancel" }).click();
  await row("noor@other.example").waitFor();
  await choose("noor@other.example", "Delete user");
  await ask.getByRole("button", { name: "Delete user" }).click();
  await ask.waitFor({ state: "detached" });
  await row("noor@other.example").waitFor({ state: "detached" });
  assert.equal((await server.api(`/api/v2/users/${encodeURIComponent(here.noor.user_id)}`, { expect: false })).status, 404);
});

it("imports a file, shows how far it is, and what could not be imported and why", async () => {
  const { page } = here;
  await open(page, "/users");
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Import users" }).click();
  const form = dialog("Import users");
  const file = (name, text) => form.getByLabel("File", { exact: true }).setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
  await form.getByRole("button", { name: "Import users" }).click();
  await form.getByText("Choose a file.").waitFor();
  await file("users.json", "[{");
  await form.getByText("This is no JSON").waitFor();
  await file("users.json", '{ "users": [] }');
  await form.getByText("The file must hold a list").waitFor();
  const users = [{ email: "ida@import.example", name: "Ida Lund" }, { email: "jane@acme.example" }, { email: "no address" }];
  await file("users.json", JSON.stringify(users));
  await form.getByText("The file holds 3 users.").waitFor();
  await form.getByRole("button", { name: "Import users" }).click();
  await form.getByText("Import completed").waitFor({ timeout: 30_000 });
  await form.getByText("3 users: 1 created, 0 updated, 2 failed.").waitFor();
  const errors = form.getByRole("table", { name: "What could not be imported" });
  await errors.getByRole("row").filter({ hasText: "jane@acme.example" }).getByText(/CONFLICT/).waitFor();
  await errors.getByRole("row").filter({ hasText: "no address" }).getByText("FORMAT").waitFor();
  const written = page.waitForEvent("download");
  await form.getByRole("button", { name: "Download all errors" }).click();
  assert.equal(JSON.parse(readFileSync(await (await written).path(), "utf8")).length, 2);
  await form.getByRole("button", { name: "Close" }).last().click();
  await row("Ida Lund").waitFor();
});

it("exports chosen fields as a file that is fetched by a link of a minute", async () => {
  const { page } = here;
  await open(page, "/users?job=export");
  const form = dialog("Export users");
  await form.getByRole("radio", { name: "Fields I choose" }).check();
  await form.getByLabel("Fields, one a line").fill("app_metadata");
  await form.getByRole("button", { name: "Export users" }).click();
  await form.getByText("CSV has no room for metadata as a whole.").waitFor();
  await form.getByLabel("Fields, one a line").fill("email, Address\napp_metadata.plan");
  await form.getByRole("button", { name: "Export users" }).click();
  await form.getByText("The export is ready").waitFor({ timeout: 30_000 });
  const written = page.waitForEvent("download");
  await form.getByRole("button", { name: "Download" }).click();
  const text = gunzipSync(readFileSync(await (await written).path())).toString();
  assert.match(text, /Address/);
  assert.match(text, /jane@acme\.example.*gold/);
});

it("pages through many, fifty at a time, and keeps the page in the address", async () => {
  const { page, server } = here;
  for (let made = 0; made < 52; made += 1) await makeUser(server, { email: `many${String(made).padStart(2, "0")}@many.example` });
  await open(page, "/users?q=email.domain%3Amany.example&sort=name");
  await page.getByRole("status").filter({ hasText: "52 users" }).waitFor();
  assert.equal((await names()).length, 50);
  await page.getByRole("button", { name: "Next" }).click();
  await shows(["many50@many.example", "many51@many.example"]);
  assert.equal(new URL(page.url()).searchParams.get("page"), "2");
  await page.goBack();
  await eventually(async () => (await names()).length === 50, "the first page again");
});

it("does it by keyboard alone: finds, creates, blocks, changes a password, assigns a role, deletes", async () => {
  const { page, server } = here;
  await open(page, "/users");
  const keys = byKeyboard(page);
  await keys.press("/");
  await focused(field());
  await keys.type("jane");
  await shows(["Jane Doe"]);
  await keys.button("Create user");
  await focused(dialog("Create user").getByRole("textbox", { name: "Email address" }));
  await keys.type("kit@acme.example");
  await keys.fill("Full name", "Kit Ray", dialog("Create user"));
  await keys.fill("Password", PASSWORD, dialog("Create user"));
  await keys.button("Create user", dialog("Create user"));
  await page.getByRole("heading", { level: 1, name: "Kit Ray" }).waitFor();
  await settled(page);
  await keys.button("Actions of Kit Ray");
  const item = async (name) => {
    const wanted = page.getByRole("menuitem", { name });
    await wanted.waitFor();
    for (let step = 0; step < 12 && !(await wanted.evaluate((element) => element === document.activeElement)); step++) await keys.press("ArrowDown");
    await keys.press("Enter");
  };
  await item("Block");
  await keys.button("Block", dialog("Block Kit Ray?"));
  await page.getByText("Kit Ray is blocked and signed out everywhere.").waitFor();
  await focused(page.getByRole("button", { name: "Actions of Kit Ray" }));
  await keys.button("Change Password");
  await focused(dialog(/^Change password/).getByLabel("New password"));
  await keys.type("Another-Horse-8-Battery");
  await keys.button("Change password", dialog(/^Change password/));
  await dialog(/^Change password/).waitFor({ state: "detached" });
  await focused(page.getByRole("button", { name: "Change Password" }));
  await keys.reach(page.getByRole("link", { name: "Roles", exact: true }).last(), "Shift+Tab");
  await keys.press("Enter");
  await keys.button("Assign roles");
  await keys.check(/Auditor/, dialog(/^Assign roles/));
  await keys.button("Assign 1 role", dialog(/^Assign roles/));
  await page.getByRole("table", { name: "Roles" }).getByText("Auditor").waitFor();
  const kit = await userNamed("kit@acme.example");
  assert.equal(kit.blocked, true);
  await keys.reach(page.getByRole("button", { name: "Actions of Kit Ray" }), "Shift+Tab");
  await keys.press("Enter");
  await item("Delete user");
  await keys.button("Delete user", dialog("Delete Kit Ray?"));
  await page.waitForURL("**/users");
  assert.equal((await server.api(`/api/v2/users/${encodeURIComponent(kit.user_id)}`, { expect: false })).status, 404);
});

it("says what a user is when there are none, and that looking is for some roles only", async () => {
  const { server } = here;
  const viewer = await joinAs(here, "vic@acme.example", ["viewer"]);
  await open(viewer.page, "/users");
  await viewer.page.getByRole("heading", { name: "You cannot look at people here." }).waitFor();
  await viewer.page.getByText("read:users").waitFor();
  assert.equal(await viewer.page.getByRole("button", { name: /Create|More/ }).count(), 0);
  await viewer.context.close();

  const looker = await joinAs(here, "uma@acme.example", ["viewer_users"]);
  await open(looker.page, "/users?q=jane");
  await looker.page.getByRole("link", { name: "Jane Doe" }).waitFor();
  assert.equal(await looker.page.getByRole("button", { name: "Create user" }).count(), 0);
  await looker.page.getByRole("button", { name: "Actions of Jane Doe" }).click();
  await looker.page.getByRole("menuitem", { name: "View details" }).waitFor();
  assert.equal(await looker.page.getByRole("menuitem", { name: /Block|Delete/ }).count(), 0);
  await looker.page.keyboard.press("Escape");
  await open(looker.page, `/users/${here.user_id}/details`);
  await looker.page.getByText("Your role only lets you look.").waitFor();
  for (const name of [/^Change/, /^Block/, /^Delete/, "Link an account", "Actions of Jane Doe"]) assert.equal(await looker.page.getByRole("button", { name }).count(), 0, `${name}`);
  await looker.context.close();

  for (const { user_id } of await server.api("/api/v2/users?per_page=100&fields=user_id")) await server.api(`/api/v2/users/${encodeURIComponent(user_id)}`, { method: "DELETE" });
  await open(here.page, "/users");
  await here.page.getByRole("heading", { name: "No users yet" }).waitFor();
  await here.page.getByRole("main").getByRole("button", { name: "Import users" }).waitFor();
});

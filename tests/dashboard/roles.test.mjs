// Roles: made, described, given permissions and people, and deleted.
import assert from "node:assert/strict";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { makePeople } from "./support/people.mjs";
import { eventually } from "./support/server.mjs";
import { joinAs } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makePeople });

const dialog = (name) => here.page.getByRole("dialog", { name });
const permissionsOf = async (id) => (await here.server.api(`/api/v2/roles/${id}/permissions`)).map(({ permission_name }) => permission_name).sort();
const membersOf = async (id) => (await here.server.api(`/api/v2/roles/${id}/users`)).map(({ email }) => email).sort();

it("creates a role: an empty and a taken name are refused beside the field", async () => {
  const { page, server } = here;
  await open(page, "/roles");
  await page.getByRole("link", { name: "Auditor" }).waitFor();
  await page.getByRole("button", { name: "Create role" }).click();
  const form = dialog("Create role");
  await form.getByRole("button", { name: "Create role" }).click();
  await form.getByText("Enter a name.").waitFor();
  await form.getByLabel("Name").fill("Auditor");
  here.faults.allow(/status of 409/);
  await form.getByRole("button", { name: "Create role" }).click();
  await form.getByText("There is a role with this name already.").waitFor();
  await form.getByLabel("Name").fill("Payer");
  await form.getByLabel("Description").fill("Pays what was billed");
  await form.getByRole("button", { name: "Create role" }).click();
  await page.waitForURL("**/roles/rol_*/permissions");
  await page.getByRole("heading", { name: "No permissions" }).waitFor();
  const payer = (await server.api("/api/v2/roles")).find(({ name }) => name === "Payer");
  assert.equal(payer.description, "Pays what was billed");
  Object.assign(here, { payer });
});

it("adds permissions of an API that are chosen from it, and takes one away with a way back", async () => {
  const { page } = here;
  await open(page, `/roles/${here.payer.id}/permissions`);
  await page.getByRole("button", { name: "Add permissions" }).click();
  const form = dialog("Add permissions to Payer");
  await form.getByLabel("API").selectOption(here.billing.identifier);
  await form.getByRole("checkbox", { name: /^pay:invoices/ }).check();
  await form.getByRole("checkbox", { name: /^read:invoices/ }).check();
  await form.getByRole("button", { name: "Add 2 permissions" }).click();
  const table = page.getByRole("table", { name: "Permissions" });
  await table.getByText("pay:invoices").waitFor();
  assert.deepEqual(await permissionsOf(here.payer.id), ["pay:invoices", "read:invoices"]);
  await page.getByRole("button", { name: "Add permissions" }).click();
  await form.getByLabel("API").selectOption(here.billing.identifier);
  assert.deepEqual(await form.getByRole("checkbox").evaluateAll((all) => all.map(({ id }) => id.match(/[a-z]+:[a-z]+$/)[0])), ["delete:invoices"], "what is held is not offered again");
  await page.keyboard.press("Escape");
  await table.getByRole("button", { name: "Remove read:invoices of Billing API" }).click();
  await table.getByText("read:invoices").waitFor({ state: "detached" });
  assert.deepEqual(await permissionsOf(here.payer.id), ["pay:invoices"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await table.getByText("read:invoices").waitFor();
  assert.deepEqual(await permissionsOf(here.payer.id), ["pay:invoices", "read:invoices"]);
});

it("warns that an API which enforces no permissions makes nothing of them", async () => {
  const { page, server } = here;
  await server.api("/api/v2/resource-servers", { body: { name: "Loose API", identifier: "https://loose.example", scopes: [{ value: "read:all" }] } });
  await open(page, `/roles/${here.payer.id}/permissions`);
  await page.getByRole("button", { name: "Add permissions" }).click();
  await dialog("Add permissions to Payer").getByLabel("API").selectOption("https://loose.example");
  await page.getByText("This API does not enforce permissions").waitFor();
});

it("assigns a role to people found as one types, and takes it from one with a way back", async () => {
  const { page } = here;
  await open(page, `/roles/${here.payer.id}/users`);
  await page.getByRole("heading", { name: "Nobody has this role" }).waitFor();
  await page.getByRole("button", { name: "Assign to users" }).click();
  const form = dialog("Assign Payer to users");
  for (const [typed, name] of [["jane", "Jane Doe"], [here.john.user_id, "John Smith"]]) {
    await form.getByRole("textbox", { name: "User" }).fill(typed);
    await form.getByRole("checkbox", { name: new RegExp(name) }).check();
    await form.getByRole("list", { name: "Chosen" }).getByText(name).waitFor();
  }
  await form.getByRole("button", { name: "Assign to 2 users" }).click();
  const table = page.getByRole("table", { name: "Users with this role" });
  await table.getByRole("link", { name: "Jane Doe" }).waitFor();
  assert.deepEqual(await membersOf(here.payer.id), ["jane@acme.example", "john@acme.example"]);
  await table.getByRole("button", { name: "Take the role from John Smith" }).click();
  await table.getByRole("link", { name: "John Smith" }).waitFor({ state: "detached" });
  assert.deepEqual(await membersOf(here.payer.id), ["jane@acme.example"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await table.getByRole("link", { name: "John Smith" }).waitFor();
});

it("saves another name and description, reviews them, and keeps them in the history", async () => {
  const { page, server } = here;
  await open(page, `/roles/${here.payer.id}/settings`);
  await page.getByLabel("Name").fill("");
  await page.keyboard.press("Control+S");
  await page.getByText("Enter a name.").waitFor();
  await page.getByLabel("Name").fill("Cashier");
  await page.getByRole("button", { name: "Review" }).click();
  await dialog("Review changes").getByText("Cashier").first().waitFor();
  await dialog("Review changes").getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("heading", { level: 1, name: "Cashier" }).waitFor();
  await eventually(async () => (await server.api(`/api/v2/roles/${here.payer.id}`)).name === "Cashier", "the new name");
  await open(page, `/roles/${here.payer.id}/history`);
  await page.getByRole("list").getByText("Update a role").first().waitFor();
  await page.getByRole("cell", { name: "Payer" }).first().waitFor();
});

it("deletes a role after a question that says how many lose it", async () => {
  const { page, server } = here;
  await open(page, `/roles/${here.payer.id}/settings`);
  await page.getByRole("button", { name: "Delete role" }).click();
  const ask = dialog("Delete Cashier?");
  await ask.getByText("2 people have this role and lose its permissions with the next token.").waitFor();
  await ask.getByRole("button", { name: "Delete role" }).click();
  await page.waitForURL("**/roles");
  await page.getByRole("link", { name: "Cashier" }).waitFor({ state: "detached" });
  assert.equal((await server.api(`/api/v2/roles/${here.payer.id}`, { expect: false })).status, 404);
  here.faults.allow(/status of 404/);
  await open(page, `/roles/${here.payer.id}/settings`);
  await page.getByRole("heading", { name: "There is no such role" }).waitFor();
});

it("lets an editor of APIs shape roles without seeing people, and an editor of users assign them without shaping any", async () => {
  const apis = await joinAs(here, "ed@acme.example", ["editor_apis"]);
  await open(apis.page, `/roles/${here.role_id}/permissions`);
  await apis.page.getByRole("button", { name: "Add permissions" }).waitFor();
  await open(apis.page, `/roles/${here.role_id}/users`);
  await apis.page.getByText("Your role does not show you people.").waitFor();
  await apis.context.close();
  const users = await joinAs(here, "sue@acme.example", ["editor_users"]);
  await open(users.page, `/roles/${here.role_id}/users`);
  await users.page.getByRole("button", { name: "Assign to users" }).waitFor();
  await open(users.page, `/roles/${here.role_id}/permissions`);
  await users.page.getByText("read:invoices").waitFor();
  assert.equal(await users.page.getByRole("button", { name: /Add permissions|Remove/ }).count(), 0);
  await open(users.page, `/roles/${here.role_id}/settings`);
  await users.page.getByText("Your role only lets you look here.").waitFor();
  assert.equal(await users.page.getByRole("button", { name: "Delete role" }).count(), 0);
  await users.context.close();
});

it("filters roles, and says what a role is when there are none", async () => {
  const { page, server } = here;
  await server.api("/api/v2/roles", { body: { name: "Support", description: "Helps people" } });
  await open(page, "/roles");
  await page.getByRole("textbox", { name: "Filter roles" }).fill("helps");
  await page.getByRole("status").filter({ hasText: "1 of 2 roles" }).waitFor();
  await page.getByRole("link", { name: "Auditor" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Clear filter" }).click();
  for (const name of ["Auditor", "Support"]) {
    await page.getByRole("button", { name: `Actions of ${name}` }).click();
    await page.getByRole("menuitem", { name: "Delete role" }).click();
    await dialog(`Delete ${name}?`).getByRole("button", { name: "Delete role" }).click();
    await dialog(`Delete ${name}?`).waitFor({ state: "detached" });
  }
  await page.getByRole("heading", { name: "No roles yet" }).waitFor();
});

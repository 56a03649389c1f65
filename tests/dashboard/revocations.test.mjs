// Stopping tokens: one, all of an application, all of an API; what is marked is listed.
import assert from "node:assert/strict";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });
const dialog = (name) => here.page.getByRole("dialog", { name });
const row = (text) => here.page.getByRole("table", { name: "Marks in force" }).getByRole("row").filter({ hasText: text });

async function fresh(scope) {
  const { body } = await here.server.token(here.client_id, here.client.client_secret, here.api.identifier, { scope });
  return body.access_token;
}

/** What introspection says of a token, asked by the application that got it. */
async function isActive(token) {
  const form = new URLSearchParams({ token, client_id: here.client_id, client_secret: here.client.client_secret });
  const answer = await here.server.fetch("/oauth/introspect", { method: "POST", body: form });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()).active;
}

it("revokes one token that is pasted, and leaves the others", async () => {
  const { page } = here;
  // Of the same scopes in the same second they would be the same.
  const [one, other] = [await fresh(), await fresh("read:orders")];
  assert.deepEqual([await isActive(one), await isActive(other)], [true, true]);
  await open(page, "/revocations");
  await page.getByText("Nothing is revoked.").waitFor();
  await page.getByRole("button", { name: "Revoke a token" }).click();
  await dialog("Revoke a token").getByRole("button", { name: "Revoke token" }).click();
  await dialog("Revoke a token").getByText("Paste a token.").waitFor();
  await dialog("Revoke a token").getByLabel("Token").fill(`Authorization: Bearer ${one}`);
  await dialog("Revoke a token").getByRole("button", { name: "Revoke token" }).click();
  await dialog("Revoke a token").waitFor({ state: "detached" });
  await row("One token").waitFor();
  await eventually(async () => !(await isActive(one)), "the token to be refused", 1500);
  assert.ok(await isActive(other));
});

it("revokes all tokens of an application from its settings", async () => {
  const { page } = here;
  const token = await fresh();
  await open(page, `/applications/${here.client_id}/settings`);
  await page.getByRole("button", { name: "Revoke all tokens" }).click();
  const ask = dialog("Revoke all tokens of nightly-job?");
  await ask.getByText("New ones can be had at once").waitFor();
  await ask.getByRole("button", { name: "Revoke all tokens" }).click();
  await ask.waitFor({ state: "detached" });
  await eventually(async () => !(await isActive(token)), "the token to be refused", 1500);
  await open(page, "/revocations");
  await row("nightly-job").waitFor();
});

it("revokes all tokens for an API, chosen from a list", async () => {
  const { page } = here;
  // A mark counts to the second.
  await new Promise((done) => setTimeout(done, 1100));
  const token = await fresh();
  await open(page, "/revocations");
  await page.getByRole("button", { name: "Revoke all tokens of…" }).click();
  const choose = dialog("Revoke all tokens");
  await choose.getByLabel("Of").selectOption("resource_server");
  await choose.getByRole("button", { name: "Revoke all tokens" }).click();
  await choose.getByText("Choose which.").waitFor();
  await choose.getByLabel("API").selectOption({ label: "Orders API" });
  await choose.getByRole("button", { name: "Revoke all tokens" }).click();
  await dialog("Revoke all tokens of Orders API?").getByRole("button", { name: "Revoke all tokens" }).click();
  await row("Orders API").waitFor();
  await eventually(async () => !(await isActive(token)), "the token to be refused", 1500);
});

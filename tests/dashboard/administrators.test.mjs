// The people who administer, and what each of them may do: checklist 11, and the roles of the issue.
import assert from "node:assert/strict";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { joinAs, OWNER } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });

const dialog = (page, name) => page.getByRole("dialog", name && { name });
const people = (page = here.page) => page.getByRole("table", { name: "People" });

/** The access token that this page's next sign-in gets. */
async function tokenOf(page) {
  const answer = page.waitForResponse("**/oauth/token");
  await page.reload();
  return (await (await answer).json()).access_token;
}

it("invites by a link that is shown once, and lists the invitation until it is used", async () => {
  const { page } = here;
  await open(page, "/administrators?create=1");
  const form = dialog(page, "Invite an administrator");
  await form.getByLabel(/^E-mail/).fill("vera@acme.example");
  await form.getByRole("radio", { name: "Viewer", exact: true }).check();
  await form.getByRole("button", { name: "Make invitation" }).click();
  const shown = dialog(page, "Invitation for vera@acme.example");
  const link = await shown.getByLabel("Invitation link").inputValue();
  assert.match(link, /\/setup\?code=/);
  await shown.getByRole("button", { name: "Copy link" }).click();
  await shown.getByRole("button", { name: "Close", exact: true }).last().click();
  await page.getByRole("table", { name: "Open invitations" }).getByText("vera@acme.example").waitFor();

  const context = await here.openContext();
  const vera = await context.newPage();
  await vera.goto(link);
  assert.equal(await vera.getByLabel("Email address").inputValue(), "vera@acme.example");
  await vera.getByLabel("Password").fill(OWNER.password);
  await vera.getByRole("button", { name: "Create account" }).click();
  await vera.getByRole("navigation", { name: "Main" }).waitFor();
  Object.assign(here, { vera: { page: vera, context } });
  await open(page, "/administrators");
  await people().getByText("vera@acme.example").waitFor();
  assert.equal(await page.getByRole("table", { name: "Open invitations" }).count(), 0);
});

it("shows a viewer no way to create, save, delete or reveal, and refuses a PATCH with 403", async () => {
  const { page } = here.vera;
  for (const path of ["/applications", `/applications/${here.client_id}/settings`, `/applications/${here.client_id}/credentials`, `/applications/${here.client_id}/quickstart`]) {
    await open(page, path);
    const forbidden = page.getByRole("main").getByRole("button", { name: /^(Create|Save|Delete|Reveal|Rotate|Show secret|Copy client secret|Add key)/ });
    assert.deepEqual(await forbidden.allInnerTexts(), [], path);
  }
  const getToken = page.getByRole("region", { name: "Get a token", exact: true });
  assert.equal(await getToken.getByRole("button", { name: "Run here" }).getAttribute("aria-disabled"), "true");
  const command = await getToken.getByRole("tabpanel").innerText();
  assert.ok(command.includes("$CLIENT_SECRET") && !command.includes("•"), command);
  await open(page, "/applications");
  await page.getByRole("button", { name: "Actions of nightly-job" }).click();
  await page.getByRole("menuitem", { name: "Settings" }).waitFor();
  assert.equal(await page.getByRole("menuitem", { name: /Delete/ }).count(), 0);
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Administrators" }).count(), 0);

  const token = await tokenOf(page);
  const asVera = (path, more) => here.server.api(`/tenants/default${path}`, { token, expect: false, ...more });
  assert.equal((await asVera(`/api/v2/clients/${here.client_id}`, { method: "PATCH", body: { description: "No" } })).status, 403);
  const read = await asVera(`/api/v2/clients/${here.client_id}`);
  assert.equal(read.status, 200);
  assert.equal(read.body.client_secret, undefined);
  assert.equal((await asVera("/api/x/administrators")).status, 403);
});

it("lets an editor of APIs change APIs and nothing else", async () => {
  const edda = await joinAs(here, "edda@acme.example", ["editor_apis"]);
  const { page } = edda;
  await open(page, `/apis/${here.api_id}/permissions`);
  await page.getByLabel(/^Permission/).first().fill("archive:orders");
  await page.keyboard.press("Enter");
  await page.getByRole("table", { name: "Permissions" }).getByText("archive:orders").waitFor();
  await open(page, "/applications");
  assert.equal(await page.getByRole("main").getByRole("button", { name: /^Create/ }).count(), 0);
  await open(page, `/applications/${here.client_id}/settings`);
  assert.ok(await page.getByLabel("Description").isDisabled());
  const token = await tokenOf(page);
  const refused = await here.server.api(`/tenants/default/api/v2/clients/${here.client_id}`, { method: "PATCH", body: { description: "No" }, token, expect: false });
  assert.equal(refused.status, 403);
  await edda.context.close();
});

it("changes a role for the very next request, and removes a person for good", async () => {
  const { page, vera } = here;
  const token = await tokenOf(vera.page);
  const patch = () => here.server.api(`/tenants/default/api/v2/clients/${here.client_id}`, { method: "PATCH", body: { description: "By Vera" }, token, expect: false });
  assert.equal((await patch()).status, 403);
  await open(page, "/administrators");
  await page.getByRole("button", { name: "Actions for vera@acme.example" }).click();
  await page.getByRole("menuitem", { name: "Change roles and tenants" }).click();
  await dialog(page).getByRole("radio", { name: "Editor", exact: true }).check();
  await dialog(page).getByRole("checkbox", { name: "Applications", exact: true }).check();
  await dialog(page).getByRole("button", { name: "Save roles" }).click();
  await dialog(page).waitFor({ state: "detached" });
  await eventually(async () => (await patch()).status === 200, "the new role");

  await page.getByRole("button", { name: "Actions for vera@acme.example" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  const confirm = dialog(page, "Remove vera@acme.example?");
  await confirm.getByText("signed out everywhere").waitFor();
  await confirm.getByRole("button", { name: "Remove administrator" }).click();
  await confirm.waitFor({ state: "detached" });
  await eventually(async () => (await people().getByText("vera@acme.example").count()) === 0, "the row’s end");
  assert.ok([401, 403].includes((await patch()).status));
  here.faults.allow(/status of 40[013]/);
  await vera.page.goto("/dashboard/applications");
  await vera.page.getByRole("heading", { name: "Log in" }).waitFor();
});

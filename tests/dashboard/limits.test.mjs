// Quotas, rate-limit policies and network rules: set here, in force at once. Checklist 97.
import assert from "node:assert/strict";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });
const dialog = (name) => here.page.getByRole("dialog", { name });
const ask = () => here.server.token(here.client_id, here.client.client_secret, here.api.identifier);

it("makes policies for the default and for one application, and changes and removes them", async () => {
  const { page, server } = here;
  await open(page, "/limits");
  await page.getByText("No policies yet").waitFor();
  await page.getByRole("button", { name: "Add policy" }).click();
  await dialog("Add policy").getByLabel("Requests a second").fill("many");
  await dialog("Add policy").getByRole("button", { name: "Add policy" }).click();
  await dialog("Add policy").getByText("Enter a whole number from 0 to 10,000.").waitFor();
  await dialog("Add policy").getByLabel("Requests a second").fill("50");
  await dialog("Add policy").getByRole("button", { name: "Add policy" }).click();
  await dialog("Add policy").waitFor({ state: "detached" });
  const table = page.getByRole("table", { name: "Rate-limit policies" });
  await table.getByText("Is refused beyond 50 requests a second.").waitFor();

  await page.getByRole("button", { name: "Add policy" }).click();
  await dialog("Add policy").getByLabel("For").selectOption("client");
  await dialog("Add policy").getByLabel("Application").selectOption({ label: "nightly-job" });
  await dialog("Add policy").getByRole("radio", { name: "Only note it" }).check();
  await dialog("Add policy").getByLabel("Requests a second").fill("1");
  await dialog("Add policy").getByRole("button", { name: "Add policy" }).click();
  const row = table.getByRole("row").filter({ hasText: "nightly-job" });
  await row.getByText("Is noted in the log beyond 1 request a second.").waitFor();
  const policies = async () => [await server.api("/api/v2/rate-limit-policies")].flatMap((answer) => answer.rate_limit_policies ?? answer);
  assert.deepEqual((await policies()).map(({ consumer_selector }) => consumer_selector).sort(), [`client_id:${here.client_id}`, "default"].sort());

  await row.getByRole("button", { name: "Actions of Policy for nightly-job" }).click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  await dialog("Policy for nightly-job").getByRole("radio", { name: "No limit" }).check();
  await dialog("Policy for nightly-job").getByRole("button", { name: "Save changes" }).click();
  await row.getByText("May ask without a limit.").waitFor();
  await row.getByRole("button", { name: "Actions of Policy for nightly-job" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await dialog("Remove the policy for nightly-job?").getByRole("button", { name: "Remove" }).click();
  await eventually(async () => (await policies()).length === 1, "the policy to be gone");
  await row.waitFor({ state: "detached" });
});

it("makes a network rule, says it in words, and switches it off and on", async () => {
  const { page, server } = here;
  await open(page, "/limits/network");
  await page.getByText("No rules yet").waitFor();
  await page.getByRole("button", { name: "Add rule" }).click();
  const add = dialog("Add rule");
  await add.getByRole("button", { name: "Add rule" }).click();
  await add.getByText("Say what it is for.").waitFor();
  await add.getByText("Enter at least one network or user agent.").waitFor();
  await add.getByLabel("Description").fill("Not from there");
  await add.getByLabel("Networks").fill("203.0.113.0/24\n2001:db8::/32");
  await add.getByRole("button", { name: "Add rule" }).click();
  await add.waitFor({ state: "detached" });
  await page.getByText("Refuses requests to sign in or for a token from 203.0.113.0/24 or 2001:db8::/32.").waitFor();
  const rules = async () => [await server.api("/api/v2/network-acls")].flatMap((answer) => answer.network_acls ?? answer);
  const [{ rule, active }] = await rules();
  assert.deepEqual([active, rule.scope, rule.action, rule.match], [true, "authentication", { block: true }, { ipv4_cidrs: ["203.0.113.0/24"], ipv6_cidrs: ["2001:db8::/32"] }]);
  await page.getByRole("switch", { name: "In force: Not from there" }).click();
  await eventually(async () => (await rules())[0].active === false, "the rule to be off");

  // A message may lie over the dialog's buttons.
  await page.getByRole("button", { name: "Dismiss message" }).first().click();
  await page.getByRole("button", { name: "Actions of Not from there" }).click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  const edit = dialog("Edit Not from there");
  await edit.getByRole("radio", { name: "From all others" }).check();
  await edit.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("that do not come from 203.0.113.0/24 or 2001:db8::/32.").waitFor();
  await page.getByRole("button", { name: "Actions of Not from there" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await dialog("Remove Not from there?").getByRole("button", { name: "Remove" }).click();
  await page.getByText("No rules yet").waitFor();
});

it("holds an application to two tokens an hour, shows the bar, and warns in the log", async () => {
  const { page, server } = here;
  await open(page, `/applications/${here.client_id}/usage`);
  const card = page.getByRole("region", { name: "Token quota" });
  await card.getByText("No quota holds for it.").waitFor();
  await card.getByLabel("Per hour").fill("2");
  await card.getByRole("button", { name: "Save changes" }).click();
  await card.getByText("Its own quota. Requests beyond it are refused.").waitFor();
  const statuses = [];
  for (let call = 0; call < 3; call += 1) statuses.push((await ask()).status);
  assert.deepEqual(statuses, [200, 200, 429]);
  await open(page, `/applications/${here.client_id}/usage`);
  await card.getByText("2 of 2 (100 %)").waitFor();
  await card.getByText("Used up.").waitFor();
  const warned = async () => (await server.api("/api/v2/logs?q=type:token_quota_consumption_warning")).length >= 1;
  await eventually(warned, "a warning in the log");
});

it("sets the tenant’s default quota, which holds for who has none", async () => {
  const { page, server } = here;
  await open(page, "/tenant/advanced");
  const each = page.getByRole("group", { name: "Each application" });
  await each.getByLabel("Per day").fill("none");
  await page.keyboard.press("Control+S");
  await page.getByText("Enter whole numbers above zero, or nothing.").first().waitFor();
  await each.getByLabel("Per day").fill("500");
  await page.keyboard.press("Control+S");
  await page.getByRole("region", { name: "Unsaved changes" }).waitFor({ state: "detached" });
  assert.deepEqual((await server.api("/api/v2/tenants/settings")).default_token_quota.clients, { client_credentials: { enforce: true, per_day: 500 } });
  await open(page, `/applications/${here.stranger.client_id}/usage`);
  await page.getByText("The tenant’s default.").waitFor();
  await page.getByText("0 of 500 (0 %)").waitFor();
});

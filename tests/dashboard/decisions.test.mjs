// How the token endpoint came to its answer: in the log, and before anything is asked.
import assert from "node:assert/strict";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });

const logged = (type) => eventually(async () => (await here.server.api(`/api/v2/logs?q=type:${type}&sort=date:-1`))[0]?.log_id, `an event ${type}`);
const steps = () => here.page.getByRole("dialog").getByRole("listitem");

it("tells in the log how a token came to be", async () => {
  const { page } = here;
  await open(page, `/logs/${await logged("seccft")}`);
  await page.getByRole("heading", { name: "How it was decided" }).waitFor();
  await steps().filter({ hasText: "The application proved itself by its secret" }).waitFor();
  await steps().filter({ hasText: `The grant ${here.grant.id} allows the API.` }).waitFor();
  await steps().filter({ hasText: "Got read:orders, list:orders." }).waitFor();
  await steps().filter({ hasText: "The token was issued." }).waitFor();
});

it("tells in the log where a refusal stopped", async () => {
  const { page, server, client, api } = here;
  await server.token(client.client_id, client.client_secret, api.identifier, { scope: "delete:orders" });
  const found = await eventually(async () => (await server.api("/api/v2/logs?q=type:feccft&sort=date:-1")).find(({ description }) => description.includes("not been granted scopes")), "the refusal");
  await open(page, `/logs/${found.log_id}`);
  await steps().filter({ hasText: "The application proved itself by its secret" }).waitFor();
  await steps().filter({ hasText: "In one word: scope_not_granted." }).waitFor();
  await steps().filter({ hasText: "Refused: Client has not been granted scopes" }).waitFor();
});

it("explains a request without issuing a token", async () => {
  const { page, server } = here;
  const issued = async () => (await server.api("/api/v2/logs?q=type:seccft")).length;
  const before = await issued();
  await open(page, `/apis/${here.api_id}/test`);
  await page.getByRole("button", { name: "Explain" }).click();
  const region = page.getByRole("region", { name: "What would happen" });
  await region.getByText("A token would be issued.").waitFor();
  await page.getByRole("checkbox", { name: /^delete:orders/ }).check();
  await page.getByRole("button", { name: "Explain" }).click();
  await region.getByText(/It would be refused: Client has not been granted scopes/).waitFor();
  assert.equal(await issued(), before);
});

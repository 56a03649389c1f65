// Which nodes serve, in which version and since when.
import assert from "node:assert/strict";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { eventually } from "./support/server.mjs";
import { joinAs } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world();
const nodes = () => here.server.api("/api/x/nodes");

it("shows the one node of a server on SQLite", async () => {
  const { page } = here;
  await eventually(async () => (await nodes()).nodes.length === 1, "the node");
  const { nodes: [node], store } = await nodes();
  assert.equal(store, "sqlite");
  await open(page, "/nodes");
  const row = page.getByRole("table", { name: "Nodes" }).getByRole("row").filter({ hasText: node.name });
  await row.getByText("serving", { exact: true }).waitFor();
  await row.getByText(node.version, { exact: true }).waitFor();
  await row.getByText("up to date").waitFor();
  await row.getByText(node.address).waitFor();
  await page.getByText("On SQLite one node serves.").waitFor();
});

it("shows the node that took its place after a restart, and no other", async () => {
  const { server } = here;
  const { nodes: [before] } = await nodes();
  // The ports change, and a page of before would go on asking at the old ones.
  await here.context.close();
  await server.restart(() => {});
  const after = await eventually(async () => {
    const { nodes: all } = await nodes();
    return all.length === 1 && all[0].id !== before.id && all[0];
  }, "the new node");
  assert.ok(after.started_at > before.started_at);
});

it("is for those who administer everything", async () => {
  here.faults.allow(/403/);
  const { context, page } = await joinAs(here, "vic@acme.example", ["viewer"]);
  assert.equal(await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Nodes" }).count(), 0);
  await open(page, "/nodes");
  await page.getByRole("alert").getByText("This needs the role Admin").waitFor();
  await context.close();
});

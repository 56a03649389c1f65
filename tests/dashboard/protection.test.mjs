// Attack protection: what is set does what it says, and blocks can be lifted. Checklist 104, 105.
import assert from "node:assert/strict";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { machine, makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });
const brute = () => here.page.getByRole("region", { name: "Brute force" });
const bar = () => here.page.getByRole("region", { name: "Unsaved changes" });
const stored = (name) => here.server.api(`/api/v2/attack-protection/${name}`);

async function save() {
  await here.page.keyboard.press("Control+S");
  await bar().waitFor({ state: "detached" });
}

it("says in words what each protection does, and stores what is set", async () => {
  const { page } = here;
  await open(page, "/attack-protection");
  await brute().getByText("After 10 wrong passwords for one account from one address, that address can no longer sign in").waitFor();
  await brute().getByLabel("Failures").fill("3");
  await brute().getByText("After 3 wrong passwords").waitFor();
  await brute().getByLabel("Never block").fill("10.0.0.0/8\nnowhere");
  await page.keyboard.press("Control+S");
  await brute().getByText("“nowhere” is neither an address nor a network.").waitFor();
  await brute().getByLabel("Never block").fill("10.0.0.0/8\n2001:db8::/32");
  await save();
  const { max_attempts, allowlist } = await stored("brute-force-protection");
  assert.deepEqual([max_attempts, allowlist], [3, ["10.0.0.0/8", "2001:db8::/32"]]);
});

it("says “watching only” of a protection that does nothing about what it finds", async () => {
  const { page } = here;
  await open(page, "/attack-protection");
  const suspicious = page.getByRole("region", { name: "Suspicious IP throttling" });
  await suspicious.getByText("on", { exact: true }).waitFor();
  await suspicious.getByRole("checkbox", { name: "Block" }).uncheck();
  await suspicious.getByText("watching only").waitFor();
  await suspicious.getByText("Nobody is blocked.").waitFor();
  await save();
  assert.ok(!(await stored("suspicious-ip-throttling")).shields.includes("block"));
  await suspicious.getByRole("checkbox", { name: "Block" }).check();
  await save();
});

it("marks what is stored only", async () => {
  const { page } = here;
  await open(page, "/attack-protection");
  for (const name of ["Breached passwords", "Bot detection"]) await page.getByRole("region", { name }).getByText("stored only").first().waitFor();
});

it("lists who guesses at client secrets, and lifts the block", async () => {
  const { page, server, api } = here;
  // One that has never proved itself; who has from here is not held up.
  const client = await server.api("/api/v2/clients", { body: machine("newcomer") });
  for (let guess = 0; guess < 40; guess += 1) await server.token(client.client_id, `wrong ${guess}`, api.identifier);
  const blocks = async () => (await server.api("/api/x/blocks")).blocks;
  await eventually(async () => (await blocks()).length > 0, "a block");
  await open(page, "/attack-protection");
  const table = page.getByRole("table", { name: "Blocked now" });
  await table.getByText("newcomer").first().waitFor();
  for (let left = (await blocks()).length; left > 0; left -= 1) {
    await table.getByRole("button", { name: /^Unblock/ }).first().click();
    await eventually(async () => (await table.getByRole("button", { name: /^Unblock/ }).count().catch(() => 0)) < left, "one block less");
  }
  await page.getByText("Nobody is blocked.").waitFor();
  // It is listened to again, and told that it has no grant.
  assert.equal((await server.token(client.client_id, client.client_secret, api.identifier)).status, 403);
});

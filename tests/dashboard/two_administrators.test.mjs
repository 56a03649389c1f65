// Two administrators edit the same application: the second is told, sees the difference, and loses nothing. Checklist 70.
import assert from "node:assert/strict";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { joinAs } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });
const stored = () => here.server.api(`/api/v2/clients/${here.client_id}`);
const settings = (page) => open(page, `/applications/${here.client_id}/settings`);
const description = (page) => page.getByLabel("Description");
const bar = (page) => page.getByRole("region", { name: "Unsaved changes" });
const conflict = (page) => page.getByRole("dialog", { name: "Somebody saved this while you were editing" });

async function save(page) {
  await page.keyboard.press("Control+S");
  await bar(page).waitFor({ state: "detached" });
}

/** Ana and Ben both open the settings; Ana saves first. */
async function overtaken({ ana, ben }) {
  const first = here.page;
  await settings(first);
  await settings(here.ben.page);
  await ben(here.ben.page);
  await ana(first);
  await save(first);
  here.faults.allow(/status of 412/);
  await here.ben.page.keyboard.press("Control+S");
  await conflict(here.ben.page).waitFor();
}

it("lets a second administrator in", async () => {
  here.ben = await joinAs(here, "ben@acme.example", ["admin"]);
  await settings(here.ben.page);
});

it("shows what the other one saved, and Keep mine loses nothing of either", async () => {
  const { page } = here.ben;
  await overtaken({
    ana: async (page) => {
      await description(page).fill("Ana’s words");
      await page.getByRole("switch", { name: "OIDC Conformant" }).click();
    },
    ben: async (page) => {
      await page.getByRole("switch", { name: "Trust Token Endpoint IP Header" }).click();
    },
  });
  const before = await stored();
  assert.equal(before.description, "Ana’s words");
  assert.equal(before.is_token_endpoint_ip_header_trusted, false);
  const rows = conflict(page).getByRole("row");
  assert.match(await rows.filter({ hasText: "Description" }).innerText(), /Closes the day's orders[\s\S]*Ana’s words/);
  assert.match(await rows.filter({ hasText: "Trust Token Endpoint IP Header" }).innerText(), /on/);
  await conflict(page).getByRole("button", { name: "Keep mine" }).click();
  await conflict(page).waitFor({ state: "detached" });
  await bar(page).waitFor({ state: "detached" });
  const after = await stored();
  assert.deepEqual([after.description, after.is_token_endpoint_ip_header_trusted, after.oidc_conformant], ["Ana’s words", true, before.oidc_conformant]);
});

it("keeps one’s own words too when both changed the same field", async () => {
  const { page } = here.ben;
  await overtaken({ ana: (page) => description(page).fill("Ana again"), ben: (page) => description(page).fill("Ben’s words") });
  const row = conflict(page).getByRole("row").filter({ hasText: "Description" });
  for (const words of ["Ana’s words", "Ana again", "Ben’s words"]) assert.ok((await row.innerText()).includes(words), words);
  await page.keyboard.press("Escape");
  await conflict(page).waitFor({ state: "detached" });
  assert.equal(await description(page).inputValue(), "Ben’s words", "nothing is lost by looking");
  assert.equal((await stored()).description, "Ana again");
  here.faults.allow(/status of 412/);
  await page.keyboard.press("Control+S");
  await conflict(page).getByRole("button", { name: "Keep mine" }).click();
  await conflict(page).waitFor({ state: "detached" });
  await bar(page).waitFor({ state: "detached" });
  assert.equal((await stored()).description, "Ben’s words");
});

it("takes theirs when that is wanted", async () => {
  const { page } = here.ben;
  await overtaken({ ana: (page) => description(page).fill("Ana’s last word"), ben: (page) => description(page).fill("Not this") });
  await conflict(page).getByRole("button", { name: "Take theirs" }).click();
  await conflict(page).waitFor({ state: "detached" });
  assert.equal(await description(page).inputValue(), "Ana’s last word");
  assert.equal(await bar(page).count(), 0);
  assert.equal((await stored()).description, "Ana’s last word");
});

it("names both in the application’s history", async () => {
  const { page } = here;
  await open(page, `/applications/${here.client_id}/history`);
  const entries = page.getByRole("main").getByRole("listitem");
  await entries.filter({ hasText: "ben@acme.example" }).first().waitFor();
  await entries.filter({ hasText: "ana@acme.example" }).first().waitFor();
  assert.match(await entries.filter({ hasText: "ben@acme.example" }).first().innerText(), /127\.0\.0\.1/);
});

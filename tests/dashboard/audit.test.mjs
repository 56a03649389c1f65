// Whether the log was tampered with: its seals, checkpoints to keep, and verifications that name what was done.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";
import { open } from "./support/pages.mjs";
import { machine } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { joinAs, logIn, OWNER } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: async (server) => { await server.api("/api/v2/clients", { body: machine("first") }); } });

const button = (name) => here.page.getByRole("button", { name, exact: true });
const result = () => here.page.getByRole("region", { name: "Result" });
const state = () => here.server.api("/api/x/audit");
/** As whoever has the files does, past the server. */
const tamper = (dataDir, sql) =>
  promisify(execFile)("python3", ["-c", "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\ndb.execute(sys.argv[2])\ndb.commit()", join(dataDir, "logs.db"), sql]);

it("says what to do while the log is not sealed", async () => {
  const { page } = here;
  await open(page, "/audit");
  await page.getByText("The log is not being sealed.").waitFor();
  await page.getByText("log_seals = true").waitFor();
  assert.equal(await button("Verify the log").getAttribute("aria-disabled"), "true");
  await page.getByText("Nothing has been signed yet.").waitFor();
});

it("shows how far the log is sealed, and gives out checkpoints to keep", async () => {
  const { server } = here;
  // The ports change, and a page of before would go on asking at the old ones.
  await here.context.close();
  server.env = { ...server.env, COUNTERSIGN_LOG_SEALS: "true" };
  await server.restart(() => {});
  await eventually(async () => (await state()).checkpoint !== null, "a checkpoint");
  here.context = await here.openContext();
  here.page = await here.context.newPage();
  await here.page.goto("/dashboard/audit");
  await logIn(here.page, OWNER);
  const table = here.page.getByRole("table", { name: "Checkpoints" });
  await table.getByRole("button", { name: /^Download the checkpoint of/ }).first().waitFor();
  assert.equal(await here.page.getByText("The log is not being sealed.").count(), 0);
  const [file] = await Promise.all([here.page.waitForEvent("download"), button("Download the latest").click()]);
  here.kept = await file.path();
  assert.match(file.suggestedFilename(), /^default-log-checkpoint-\d+\.jwt$/);
  const { checkpoint } = (await state()).checkpoint;
  const [said, kept] = [checkpoint, readFileSync(here.kept, "utf8").trim()].map((jwt) => JSON.parse(Buffer.from(jwt.split(".")[1], "base64url")));
  assert.equal(kept.tenant, said.tenant);
});

it("verifies the log in the background, with a checkpoint that was kept", async () => {
  const { page } = here;
  await button("Verify the log").click();
  await result().getByText("No sign of tampering was found.").waitFor();
  await page.locator("input[type=file]").setInputFiles(here.kept);
  await eventually(async () => (await page.getByLabel("Checkpoints that you kept").first().inputValue()).startsWith("ey"), "the checkpoint in its field");
  await page.getByLabel("Events", { exact: true }).selectOption("of the last hour");
  await page.getByText("Checkpoints are held against all that is kept").waitFor();
  await page.getByLabel("Events", { exact: true }).selectOption("all that are kept");
  await button("Verify the log").click();
  await page.getByRole("table", { name: "Of the last 24 hours" }).getByText("nothing found").nth(1).waitFor();
  await result().getByText("No sign of tampering was found.").waitFor();
});

it("names what was removed and altered, and a checkpoint that is none", async () => {
  const { page, server } = here;
  const sealed = async () => (await state()).sealed.waiting === 0;
  await server.api("/api/v2/clients", { body: machine("second") });
  await server.api("/api/v2/clients", { body: machine("third") });
  await eventually(sealed, "the seals");
  const [altered, removed] = await server.api("/api/v2/logs?q=type:sapi&sort=date:-1&per_page=2");
  await tamper(server.dataDir, `delete from logs where log_id = '${removed.log_id}'`);
  await tamper(server.dataDir, `update logs set description = 'Nothing' where log_id = '${altered.log_id}'`);
  await open(page, "/audit");
  await page.getByLabel("Checkpoints that you kept").first().fill("not.a.checkpoint");
  await button("Verify the log").click();
  await result().getByText("3 findings").waitFor();
  const findings = result().getByRole("table", { name: "Findings" });
  await findings.getByText("Removed", { exact: true }).waitFor();
  await findings.getByText(removed.log_id).waitFor();
  await findings.getByRole("link", { name: altered.log_id }).waitFor();
  await findings.getByText("It is not signed by this tenant").waitFor();
  const [file] = await Promise.all([page.waitForEvent("download"), result().getByRole("button", { name: "Download the findings" }).click()]);
  assert.equal(JSON.parse(readFileSync(await file.path(), "utf8")).report.findings.length, 3);
  const past = page.getByRole("table", { name: "Of the last 24 hours" });
  await past.getByText("3 findings").waitFor();
  await past.getByRole("button", { name: /^Show the verification of/ }).first().click();
  await result().getByText("No sign of tampering was found.").waitFor();
});

it("lets a viewer verify, too", async () => {
  const { context, page } = await joinAs(here, "vic@acme.example", ["viewer"]);
  await open(page, "/audit");
  await page.getByRole("button", { name: "Verify the log" }).click();
  await page.getByRole("region", { name: "Result" }).getByText("2 findings").waitFor();
  await context.close();
});

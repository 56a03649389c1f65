// The dashboard on a host of its own (`dashboard_host`): it works there and is nowhere else, and no page of a tenant is there.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { Faults, openBrowser, openContext } from "./support/browser.mjs";
import { eventually, startServer } from "./support/server.mjs";
import { OWNER, setUp } from "./support/steps.mjs";

const faults = new Faults();
let server, browser, own;

before(async () => {
  [server, browser] = await Promise.all([startServer({ env: { COUNTERSIGN_DASHBOARD_HOST: "127.0.0.1" } }), openBrowser()]);
  own = server.origin.replace("localhost", "127.0.0.1");
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

it("is set up, signed in to and reloaded at its own host", async () => {
  const context = await openContext(browser, { origin: own, faults });
  const page = await context.newPage();
  // The link names the host as the operator did, whose port is nobody's before the server runs.
  const [, code] = await eventually(() => server.output.match(/https:\/\/127\.0\.0\.1\/setup\?code=(\S+)/), "the link");
  await setUp(page, `${own}/setup?code=${code}`, OWNER);
  assert.equal(new URL(page.url()).origin, own);
  await page.reload();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  await page.getByRole("link", { name: "Applications" }).first().click();
  await page.getByRole("heading", { name: "Applications", level: 1 }).waitFor();
  // A session of an administrator is no session where tenants' pages are.
  const cookies = await context.cookies();
  assert.ok(cookies.length > 0 && cookies.every(({ domain }) => domain === "127.0.0.1"), JSON.stringify(cookies));
  faults.check();
  await context.close();
});

it("is nowhere else, and no page of a tenant is there", async () => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const status = async (address) => (await context.request.get(address, { maxRedirects: 0 })).status();
  for (const path of ["/dashboard/", "/setup", "/tenants/administrators/u/login", "/tenants/administrators/authorize"]) {
    assert.equal(await status(server.origin + path), 404, path);
  }
  for (const path of ["/authorize", "/u/login", "/u/reset-verify", "/v2/logout", "/activate"]) {
    assert.equal(await status(own + path), 404, path);
    assert.notEqual(await status(server.origin + path), 404, path);
  }
  await context.close();
});

// Whether the witness of `support/browser.mjs` sees what must not happen: checklist 27 and 28 rest on it, in every test.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, it } from "node:test";
import { once } from "node:events";
import { Faults, openBrowser, openContext } from "./support/browser.mjs";

const PAGES = {
  "/calm": "<p>Nothing</p>",
  "/console": "<script>console.error('broken')</script>",
  "/exception": "<script>setTimeout(() => { throw new Error('thrown') })</script>",
  "/policy": "<p>A style that the policy forbids</p><div style='color: red'></div>",
  "/elsewhere": "<img src='http://127.0.0.2:9/pixel.png'>",
};
let browser, server, origin;

before(async () => {
  server = createServer((request, response) => {
    const policy = request.url === "/policy" ? "default-src 'self'" : "default-src * 'unsafe-inline'";
    response.writeHead(200, { "content-type": "text/html", "content-security-policy": policy });
    response.end(PAGES[request.url] ?? "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  server?.close();
});

async function seenOn(path) {
  const faults = new Faults();
  const context = await openContext(browser, { origin, faults });
  const page = await context.newPage();
  await page.goto(path);
  await page.waitForTimeout(200);
  await context.close();
  try {
    faults.check();
    return "";
  } catch (error) {
    return JSON.stringify(error.actual);
  }
}

for (const [path, sign] of [["/console", /console error on .*broken/], ["/exception", /exception: .*thrown/], ["/policy", /CSP violation on .*style-src/], ["/elsewhere", /request to another origin: http:\/\/127\.0\.0\.2/]]) {
  it(`sees ${path.slice(1)}`, async () => assert.match(await seenOn(path), sign));
}

it("sees nothing on a calm page", async () => assert.equal(await seenOn("/calm"), ""));

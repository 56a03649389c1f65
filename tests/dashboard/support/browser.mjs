// Chromium, and the witness who writes down everything that must not happen in a page.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const openBrowser = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });

/** A profile of its own: cookies, storage, clipboard. Its certificate is the server's own, which Chromium does not know. */
export async function openContext(browser, { origin, faults, ...options }) {
  const context = await browser.newContext({
    baseURL: origin, ignoreHTTPSErrors: true, locale: "en-GB", viewport: { width: 1280, height: 900 }, ...options,
  });
  context.setDefaultTimeout(10_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  await faults.watch(context, origin);
  return context;
}

/** Console errors, exceptions, violations of the content security policy and requests to other origins. */
export class Faults {
  #seen = [];
  #allowed = [];

  async watch(context, origin) {
    const see = (fault) => this.#seen.push(fault);
    await context.exposeBinding("__violation", ({ page }, violation) => see(`CSP violation on ${page.url()}: ${violation}`));
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) =>
        window.__violation(`${event.effectiveDirective} ${event.blockedURI} ${event.sample} at ${event.sourceFile}:${event.lineNumber}`));
    });
    context.on("console", (message) => {
      if (message.type() !== "error") return;
      see(`console error on ${message.page()?.url()}: ${message.text()} (${message.location().url})`);
    });
    context.on("weberror", (error) => see(`exception: ${error.error()?.stack ?? error.error()}`));
    context.on("request", (request) => {
      const { origin: asked, protocol } = new URL(request.url());
      if (asked !== origin && !["data:", "blob:", "about:"].includes(protocol)) see(`request to another origin: ${request.url()}`);
    });
  }

  /** Names what the test at hand provokes, such as the console's line about a refused request. */
  allow(pattern) {
    this.#allowed.push(pattern);
  }

  /** Fails when something was seen since the last check that nobody named. */
  check() {
    const faults = this.#seen.filter((fault) => !this.#allowed.some((pattern) => pattern.test(fault)));
    this.#seen = [];
    this.#allowed = [];
    assert.deepEqual(faults, [], "what must not happen in a page");
  }
}

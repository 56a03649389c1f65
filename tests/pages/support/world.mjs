// What each file of tests begins with: a server with a shop, and a browser without scripts.
import { after, afterEach, before } from "node:test";
import { Faults, openBrowser, openContext } from "../../dashboard/support/browser.mjs";
import { startServer } from "../../dashboard/support/server.mjs";
import { openShop } from "./shop.mjs";

/** Gives an object that is filled before the tests: `server`, `browser`, what the shop is made of, and `open`. */
export function world(options = {}) {
  const here = { faults: new Faults() };
  // An answer that says what went wrong is no fault of the page.
  const expected = /Failed to load resource: the server responded with a status of (400|403|404|429)/;
  before(async () => {
    [here.server, here.browser] = await Promise.all([startServer(), openBrowser()]);
    Object.assign(here, await openShop(here.server));
  });
  afterEach(() => {
    here.faults.allow(expected);
    here.faults.check();
  });
  after(async () => {
    await here.browser?.close();
    await here.small?.stop();
    await here.server?.stop();
  });
  /** Runs something in a browser that knows nobody and runs no scripts, unless axe is to look at the page, which is one. */
  here.open = async (run, more = {}) => {
    const context = await openContext(here.browser, { origin: here.server.origin, faults: here.faults, javaScriptEnabled: false, ...options, ...more });
    try {
      return await run(await context.newPage(), context);
    } finally {
      await context.close();
    }
  };
  return here;
}

/** Fails where a page is wider than its window, or something to press is smaller than 24 pixels. */
export async function fits(page, where) {
  const { scroll, inner, small } = await page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth,
    inner: innerWidth,
    small: [...document.querySelectorAll("button, input:not([type=hidden]):not(.unseen), a")]
      // A box is pressed by its words as well.
      .map((element) => ({ text: element.textContent || element.name, ...(element.closest("label") ?? element).getBoundingClientRect().toJSON() }))
      .filter(({ width, height }) => width < 24 || height < 24)
      .map(({ text, width, height }) => `${text.trim()} ${Math.round(width)} × ${Math.round(height)}`),
  }));
  if (scroll > inner) throw new Error(`${where}: ${scroll} px wide in a window of ${inner} px`);
  if (small.length > 0) throw new Error(`${where}: too small to press: ${small.join(", ")}`);
}

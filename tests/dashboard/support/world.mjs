// What most files of tests begin with: a server, a browser, and the first administrator signed in.
import { after, afterEach, before } from "node:test";
import { openBrowser, openContext, Faults } from "./browser.mjs";
import { startServer } from "./server.mjs";
import { OWNER, setUp } from "./steps.mjs";

/**
 * Registers the hooks and gives an object that they fill: `server`, `browser`, `context`, `page`, `faults`. `prepare`
 * runs before the browser opens, for things made through the Management API.
 */
export function world({ isSetUp = true, prepare, words, ...options } = {}) {
  const world = { faults: new Faults() };
  world.openContext = (more = {}) => openContext(world.browser, { origin: world.server.origin, faults: world.faults, ...options, ...more });
  before(async () => {
    [world.server, world.browser] = await Promise.all([startServer({ words }), openBrowser()]);
    Object.assign(world, await prepare?.(world.server));
    world.context = await world.openContext();
    world.page = await world.context.newPage();
    if (isSetUp) await setUp(world.page, await world.server.setUpLink(), OWNER);
  });
  afterEach(() => world.faults.check());
  after(async () => {
    await world.browser?.close();
    await world.server?.stop();
  });
  return world;
}

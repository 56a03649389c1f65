// The frame around every page: checklist 13 to 20, 25, 26, and the manners every page shares.
import assert from "node:assert/strict";
import { it } from "node:test";
import { byKeyboard, focused } from "./support/keyboard.mjs";
import { open, settled } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });

it("leads the first Tab to “Skip to content”, and from there to main", async () => {
  const { page } = here;
  await open(page, "/applications");
  const keys = byKeyboard(page);
  await keys.press("Tab");
  await focused(page.getByRole("link", { name: "Skip to content" }));
  await keys.press("Enter");
  await focused(page.getByRole("main"));
});

it("marks where one is in the navigation", async () => {
  const { page } = here;
  for (const [path, name] of [["/", "Home"], ["/applications", "Applications"], [`/apis/${here.api_id}/settings`, "APIs"], ["/tenant/advanced", "Tenant"]]) {
    await open(page, path);
    const current = page.getByRole("navigation", { name: "Main" }).locator("[aria-current=page]");
    assert.deepEqual(await current.allInnerTexts(), [name]);
  }
});

it("names section, object and tenant in the document's title, and changes it on every walk", async () => {
  const { page } = here;
  await open(page, "/applications");
  assert.equal(await page.title(), "Applications – default");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "APIs" }).click();
  await page.waitForFunction(() => document.title === "APIs – default");
  await open(page, `/applications/${here.client_id}/settings`);
  await page.waitForFunction(() => document.title === "Settings – nightly-job – default");
});

it("moves the focus to the heading after a walk, and back keeps the address", async () => {
  const { page } = here;
  await open(page, "/");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Logs" }).click();
  await page.waitForURL("**/dashboard/logs*");
  await focused(page.getByRole("heading", { level: 1, name: "Logs" }));
  await page.goBack();
  await page.waitForFunction(() => document.title === "Home – default");
});

it("opens an address in the shape of Auth0’s dashboard", async () => {
  const { page } = here;
  await page.goto("about:blank");
  await page.goto(`/dashboard/#/applications/${here.client_id}/settings`);
  await page.waitForURL(`**/dashboard/applications/${here.client_id}/settings`);
  await settled(page);
});

it("shows a page for an address that is none", async () => {
  const { page } = here;
  await open(page, "/no-such-page");
  await page.getByRole("link", { name: "Go to Home" }).click();
  await page.waitForFunction(() => document.title === "Home – default");
});

it("keeps the dark theme over a reload, with no light frame before it", async () => {
  const context = await here.openContext({ storageState: await here.context.storageState(), colorScheme: "light" });
  await context.addInitScript(() => {
    window.frames_ = [];
    const look = () => {
      if (document.documentElement.dataset.theme !== undefined) window.frames_.push(getComputedStyle(document.documentElement).backgroundColor);
      if (window.frames_.length < 5) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  const page = await context.newPage();
  await open(page, "/");
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  const theme = () => page.locator("html").getAttribute("data-theme");
  assert.equal(await theme(), "dark");
  await open(page, "/");
  assert.equal(await theme(), "dark");
  const frames = await page.waitForFunction(() => window.frames_.length >= 5 && window.frames_).then((frames) => frames.jsonValue());
  assert.deepEqual([...new Set(frames)], ["rgb(17, 19, 24)"]);
  await context.close();
});

it("follows the system’s theme without a reload", async () => {
  const { page } = here;
  await open(page, "/");
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemradio", { name: "System" }).click();
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
  }
});

it("runs no animation for those who asked for less motion", async () => {
  const { page } = here;
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const path of ["/", "/applications", "/logs", `/applications/${here.client_id}/quickstart`]) {
    await open(page, path);
    await page.waitForTimeout(200);
    const running = await page.evaluate(() =>
      document.getAnimations().filter(({ playState }) => playState === "running").map(({ effect }) => effect?.target?.outerHTML.slice(0, 80)));
    assert.deepEqual(running, [], path);
  }
  await page.emulateMedia({ reducedMotion: null });
});

it("lists the keys on ?, and lets single keys be switched off", async () => {
  const { page } = here;
  await open(page, "/applications");
  const keys = byKeyboard(page);
  await keys.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  const single = sheet.getByRole("switch", { name: "Single-key shortcuts" });
  await single.click();
  await keys.press("Escape");
  await sheet.waitFor({ state: "detached" });
  await keys.press("?");
  await page.waitForTimeout(200);
  assert.equal(await sheet.count(), 0);
  const filter = page.getByRole("search").getByRole("textbox");
  await filter.fill("");
  await keys.press("/");
  assert.equal(await filter.inputValue(), "/", "the slash is typed");
  await filter.fill("");

  const opener = page.getByRole("button", { name: "Keyboard shortcuts" });
  await opener.click();
  await single.click();
  await keys.press("Escape");
  // A sheet that is still going gives the focus back when it has gone.
  await sheet.waitFor({ state: "detached" });
  await focused(opener);
  await page.getByRole("heading", { level: 1 }).focus();
  await keys.press("/");
  await focused(filter);
  await page.getByRole("heading", { level: 1 }).focus();
  await keys.press("g");
  await keys.press("l");
  await page.waitForURL("**/dashboard/logs*");
});

it("says when the server cannot be reached, and comes back by itself", async () => {
  const { page, context, faults } = here;
  await open(page, "/applications");
  faults.allow(/ERR_INTERNET_DISCONNECTED/);
  await context.setOffline(true);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Tenants" }).click();
  const banner = page.getByRole("alert").filter({ hasText: "Lost the connection" });
  await banner.waitFor();
  await context.setOffline(false);
  await banner.waitFor({ state: "detached" });
});

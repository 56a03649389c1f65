// What holds for every page: landmarks, axe, reflow and the size of targets; checklist 13, 21, 22, 24.
import assert from "node:assert/strict";
import { it } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { pages, open } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });
const names = Object.keys(pages({}));

for (const name of names) {
  it(`${name}: landmarks, axe in light and dark at 1280 and 320 px, no sideways scrolling, targets of 24 px`, async () => {
    const { page } = here;
    await open(page, pages(here)[name]);
    await page.setViewportSize({ width: 1280, height: 900 });
    await landmarks(page);
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: width === 320 ? 640 : 900 });
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
        await quiet(page);
        await assertAccessible(page, `${name}, ${colorScheme}, ${width} px`);
      }
      await targets(page, `${name}, ${width} px`);
    }
    const { scroll, inner } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, inner: innerWidth }));
    assert.ok(scroll <= inner, `${name} is ${scroll} px wide in a window of ${inner} px`);
  });
}

/** Waits for transitions to end, so that no colour is measured halfway. */
const quiet = (page) => page.evaluate(() => Promise.allSettled(document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime < 3000).map(({ finished }) => finished)));

async function landmarks(page) {
  // With a dialog open the rest is hidden from the accessibility tree; the elements are there all the same.
  const count = (role, more = {}) => page.getByRole(role, { includeHidden: true, ...more }).count();
  const found = {
    main: await count("main"),
    banner: await page.locator("body header.topbar, [role=banner]").count(),
    navigation: await count("navigation", { name: "Main" }),
    heading: await count("heading", { level: 1 }),
  };
  assert.deepEqual(found, { main: 1, banner: 1, navigation: 1, heading: 1 });
}

/** What can be pressed is 24 px wide and high, or stands in a line of text, or has that much room around it (WCAG 2.5.8). */
async function targets(page, where) {
  const small = await page.evaluate(() => {
    const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, [role=option], [role=menuitem], [role=switch], [role=tab]")]
      .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest(".sr, .skip"));
    const box = (element) => {
      // The label of a box or a radio button is part of its target.
      const boxes = [element, ...(element.labels ?? [])].map((part) => part.getBoundingClientRect());
      const [left, top] = [Math.min(...boxes.map((one) => one.left)), Math.min(...boxes.map((one) => one.top))];
      const [right, bottom] = [Math.max(...boxes.map((one) => one.right)), Math.max(...boxes.map((one) => one.bottom))];
      return { left, top, right, bottom, width: right - left, height: bottom - top };
    };
    const isInline = (element) => getComputedStyle(element).display === "inline" && element.parentElement.textContent.trim() !== element.textContent.trim();
    const boxes = all.map((element) => ({ element, ...box(element) })).filter(({ width, height }) => width > 0 && height > 0);
    const isCrowded = (one) => {
      const [x, y] = [(one.left + one.right) / 2, (one.top + one.bottom) / 2];
      return boxes.some((other) => {
        if (other === one || other.element.contains(one.element) || one.element.contains(other.element)) return false;
        const [dx, dy] = [Math.max(other.left - x, x - other.right, 0), Math.max(other.top - y, y - other.bottom, 0)];
        return Math.hypot(dx, dy) < 12;
      });
    };
    return boxes
      .filter((one) => (one.width < 23.5 || one.height < 23.5) && !isInline(one.element) && isCrowded(one))
      .map(({ element, width, height }) => `${Math.round(width)} × ${Math.round(height)} ${element.outerHTML.slice(0, 140)}`);
  });
  assert.deepEqual(small, [], `small targets on ${where}`);
}

// Every page: axe in light and dark, at 1280 px, at 200 % (640 px) and at 320 px.
import { it } from "node:test";
import { assertAccessible } from "../dashboard/support/axe.mjs";
import { pages } from "./support/pages.mjs";
import { fits, world } from "./support/world.mjs";

const here = world({ javaScriptEnabled: true });

for (const name of Object.keys(pages({}))) {
  it(`${name}: axe in light and dark at 1280, 640 and 320 px, nothing sideways, targets of 24 px`, () =>
    here.open(async (page) => {
      await pages(here)[name](page, {});
      for (const width of [1280, 640, 320]) {
        await page.setViewportSize({ width, height: 640 });
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          await assertAccessible(page, `${name}, ${colorScheme}, ${width} px`);
        }
        await fits(page, `${name}, ${width} px`);
      }
    }));
}

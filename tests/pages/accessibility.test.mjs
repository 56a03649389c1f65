// Every page: axe in light and dark, at 1280 px, at 200 % (640 px) and at 320 px. With PAGES_PICTURES, a folder, a picture
// of each is left there to be looked at.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { assertAccessible } from "../dashboard/support/axe.mjs";
import { pages, screenOf } from "./support/pages.mjs";
import { fits, world } from "./support/world.mjs";

const here = world({ javaScriptEnabled: true });
const pictures = process.env.PAGES_PICTURES;
const seen = new Set();

for (const name of Object.keys(pages({}))) {
  it(`${name}: axe in light and dark at 1280, 640 and 320 px, nothing sideways, targets of 24 px`, () =>
    here.open(async (page) => {
      await pages(here)[name](page, {});
      seen.add(await screenOf(page));
      for (const width of [1280, 640, 320]) {
        await page.setViewportSize({ width, height: 640 });
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          await assertAccessible(page, `${name}, ${colorScheme}, ${width} px`);
          await picture(page, name, width, colorScheme);
        }
        await fits(page, `${name}, ${width} px`);
      }
    }));
}

/** The screens have their texts in one place, which the server's own tests hold against what it shows. */
it("no screen is left out", () => {
  const texts = JSON.parse(readFileSync(new URL("../../crates/universal_login/text/en.json", import.meta.url), "utf8"));
  const said = Object.entries(texts).flatMap(([prompt, screens]) => Object.keys(screens).map((screen) => `${prompt}.${screen}`));
  // What is said on other screens, and the one page whose texts stand in the program.
  const screens = said.filter((screen) => !["common.common", "status.support"].includes(screen)).concat("setup.setup");
  assert.deepEqual([...seen].sort(), screens.sort());
});

async function picture(page, name, width, colorScheme) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  const file = `${name.replace(/[^a-z]+/g, "-")}-${width}-${colorScheme}.png`;
  await page.screenshot({ path: join(pictures, file), fullPage: true, animations: "disabled", caret: "hide" });
}

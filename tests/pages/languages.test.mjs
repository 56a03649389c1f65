// Every page in every language at 320 px: nothing is cut off, and the page says which language it is in.
import assert from "node:assert/strict";
import { it } from "node:test";
import { pages } from "./support/pages.mjs";
import { fits, world } from "./support/world.mjs";

const here = world({ viewport: { width: 320, height: 640 } });
const LANGUAGES = { de: "Passwort", es: "Contraseña", fr: "Mot de passe", ja: "パスワード" };

for (const [language, password] of Object.entries(LANGUAGES)) {
  it(`${language}: every page fits 320 px`, async () => {
    for (const [name, way] of Object.entries(pages(here))) {
      await here.open(async (page) => {
        await way(page, {});
        await fits(page, `${name} in ${language}`);
      }, { locale: language });
    }
  });

  it(`${language}: the application's wish comes before the browser's, and the tenant's limits before both`, () =>
    here.open(async (page) => {
      await pages(here)["log in"](page, { ui_locales: language });
      assert.equal(await page.locator("html").getAttribute("lang"), language);
      await page.getByLabel(password, { exact: true }).waitFor();
      await pages(here)["log in"](page, { ui_locales: "nl" });
      assert.equal(await page.locator("html").getAttribute("lang"), "en");
    }));
}

it("a tenant's own words stand in place of ours", async () => {
  const words = { login: { title: "Komm herein", description: "Zu ${clientName} bei ${companyName} <b>" } };
  await here.server.api("/api/v2/prompts/login/custom-text/de", { method: "PUT", body: words });
  await here.open(async (page) => {
    await pages(here)["log in"](page, { ui_locales: "de" });
    await page.getByRole("heading", { name: "Komm herein" }).waitFor();
    await page.getByText("Zu Shop bei Acme <b>").waitFor();
  });
});

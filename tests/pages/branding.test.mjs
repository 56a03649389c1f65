// The tenant's colours, theme and page: whatever it chooses, everything can be read, and nothing runs that it did not bring.
import assert from "node:assert/strict";
import { afterEach, it } from "node:test";
import { assertAccessible } from "../dashboard/support/axe.mjs";
import { pages } from "./support/pages.mjs";
import { fits, world } from "./support/world.mjs";

const here = world({ javaScriptEnabled: true });
const TEMPLATE = "/api/v2/branding/templates/universal-login";

afterEach(async () => {
  await here.server.api(TEMPLATE, { method: "DELETE" });
  await here.server.api("/api/v2/branding", { method: "PATCH", body: { colors: null, logo_url: null, font: null } });
});

const readable = async (name) => {
  for (const page of ["log in, wrong password", "sign up, weak password", "device connected"]) {
    await here.open(async (shown) => {
      await pages(here)[page](shown, {});
      for (const colorScheme of ["light", "dark"]) {
        await shown.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await assertAccessible(shown, `${page}, ${name}, ${colorScheme}`);
      }
    });
  }
};

const COLOURS = { "nearly white": "#f8f8f2", yellow: "#ffeb3b", "mid grey": "#808080", "nearly black": "#0a0a0a", magenta: "#ff00cc" };
for (const [name, primary] of Object.entries(COLOURS)) {
  it(`everything can be read in ${name}`, async () => {
    await here.server.api("/api/v2/branding", { method: "PATCH", body: { colors: { primary, page_background: { type: "linear-gradient", start: primary, end: "#123456", angle_deg: 35 } } } });
    await readable(name);
  });
}

it("everything can be read in a theme that is one colour", async () => {
  const text = { bold: false, size: 87.5 };
  const names = ["body_text", "error", "header", "icons", "input_background", "input_border", "input_filled_text", "input_labels_placeholders", "links_focused_components", "primary_button", "primary_button_label", "secondary_button_border", "secondary_button_label", "success", "widget_background", "widget_border"];
  const theme = (color) => ({
    borders: { button_border_radius: 3, button_border_weight: 1, buttons_style: "pill", input_border_radius: 3, input_border_weight: 1, inputs_style: "sharp", show_widget_shadow: true, widget_border_weight: 1, widget_corner_radius: 5 },
    colors: Object.fromEntries(names.map((name) => [name, color])),
    fonts: { body_text: text, buttons_text: text, font_url: "", input_labels: text, links: text, links_style: "underlined", reference_text_size: 16, subtitle: text, title: { bold: true, size: 150 } },
    page_background: { background_color: color, background_image_url: "", page_layout: "left" },
    widget: { header_text_alignment: "left", logo_height: 52, logo_position: "left", logo_url: "", social_buttons_layout: "bottom" },
  });
  const { themeId } = await here.server.api("/api/v2/branding/themes", { body: theme("#00ff00") });
  try {
    await readable("a green theme");
    await here.server.api(`/api/v2/branding/themes/${themeId}`, { method: "PATCH", body: theme("#202020") });
    await readable("a dark theme");
  } finally {
    await here.server.api(`/api/v2/branding/themes/${themeId}`, { method: "DELETE" });
  }
});

it("the tenant's page stands around the form, and only its own scripts run", async () => {
  const template = `<!doctype html><html lang="{{ locale }}"><head>{%- auth0:head -%}
    <style>.aside { color: rgb(1, 2, 3) }</style></head><body><p class="aside">{{ application.name }} for {{ tenant.friendly_name }}, {{ prompt.name }}</p>
    {%- auth0:widget -%}<script>document.body.dataset.own = "ran"</script><p onclick="document.body.dataset.inline = 'ran'">press</p></body></html>`;
  await here.server.api(TEMPLATE, { method: "PUT", body: { template } });
  await here.open(async (page) => {
    await pages(here)["log in, wrong password"](page, {});
    await page.getByText("Shop for Acme, login").waitFor();
    assert.equal(await page.locator(".aside").evaluate((element) => getComputedStyle(element).color), "rgb(1, 2, 3)");
    assert.equal(await page.locator("body").getAttribute("data-own"), "ran");
    here.faults.allow(/script-src-attr|inline event handler/);
    await page.getByText("press").click();
    assert.equal(await page.locator("body").getAttribute("data-inline"), null);
    await fits(page, "a page of the tenant's");
  });
});

it("what the tenant adds to a form stands in its place", async () => {
  await here.server.api("/api/v2/prompts/login/partials", { method: "PUT", body: { login: { "form-content-end": "<p>By logging in you accept {{ tenant.friendly_name }}'s terms.</p>" } } });
  await here.open(async (page) => {
    await pages(here)["log in"](page, {});
    await page.getByText("By logging in you accept Acme's terms.").waitFor();
  });
  await here.server.api("/api/v2/prompts/login/partials", { method: "PUT", body: {} });
});

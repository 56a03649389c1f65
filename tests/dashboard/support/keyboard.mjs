// A person without a mouse: only `page.keyboard` acts here; everything else looks.
import assert from "node:assert/strict";
import { eventually } from "./server.mjs";

/** Waits until this has the focus. */
export async function focused(locator, when = "") {
  await locator.first().waitFor();
  const has = () => locator.first().evaluate((element) => element === document.activeElement);
  await eventually(has, `the focus on ${locator} ${when}`, 2_000);
}

export function byKeyboard(page) {
  const press = (keys) => page.keyboard.press(keys);
  const holdsFocus = (locator) => locator.evaluateAll((elements) => elements.includes(document.activeElement));
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      return `${element?.tagName.toLowerCase()} "${(element?.getAttribute("aria-label") ?? element?.textContent ?? "").trim().slice(0, 40)}"`;
    });

  /** Tabs until `locator` has the focus. */
  async function reach(locator, keys = "Tab", most = 160) {
    await locator.first().waitFor();
    const passed = [];
    for (let step = 0; step <= most; step++) {
      if (await holdsFocus(locator)) return;
      if (step < most) await press(keys);
      passed.push(await focused());
    }
    assert.fail(`${keys} does not reach ${locator}; it passed ${[...new Set(passed)].join(", ")}`);
  }

  const activate = async (locator) => {
    await reach(locator);
    await press("Enter");
  };

  return {
    press,
    reach,
    activate,
    type: (text) => page.keyboard.type(text),
    follow: (name, within = page) => activate(within.getByRole("link", { name, exact: true })),
    button: (name, within = page) => activate(within.getByRole("button", { name, exact: typeof name === "string" })),

    /** Writes into the field with this label, in place of what stood there. */
    async fill(label, text, within = page) {
      await reach(within.getByLabel(label, { exact: typeof label === "string" }));
      await press("Control+A");
      await page.keyboard.type(text);
    },

    /** Tabs to the group and walks it with the arrows, as radio buttons are walked. */
    async choose(name, within = page) {
      const radio = within.getByRole("radio", { name, exact: typeof name === "string" });
      await radio.waitFor();
      const group = await radio.getAttribute("name");
      await reach(within.locator(`input[type=radio][name="${group}"]`));
      for (let step = 0; step < 12 && !(await holdsFocus(radio)); step++) await press("ArrowDown");
      if (!(await radio.isChecked())) await press("Space");
      assert.ok(await radio.isChecked(), `${name} is not chosen`);
    },

    async check(name, within = page) {
      const box = within.getByRole("checkbox", { name });
      await reach(box);
      if (!(await box.isChecked())) await press("Space");
      assert.ok(await box.isChecked(), `${name} is not checked`);
    },

    async turnOn(name, within = page) {
      const toggle = within.getByRole("switch", { name });
      await reach(toggle);
      if ((await toggle.getAttribute("aria-checked")) !== "true") await press("Space");
      await eventually(async () => (await toggle.getAttribute("aria-checked")) === "true", `${name} turned on`, 3_000);
    },

    /** Picks an entry of a plain select box with the arrows. */
    async select(label, option, within = page) {
      const box = within.getByRole("combobox", { name: label });
      await reach(box);
      const shown = () => box.evaluate((element) => element.selectedOptions?.[0]?.label ?? element.value);
      const matches = (text) => (option instanceof RegExp ? option.test(text) : text === option);
      await press("Home");
      for (let step = 0; step < 60 && !matches(await shown()); step++) await press("ArrowDown");
      assert.ok(matches(await shown()), `${label} shows ${await shown()}, not ${option}`);
    },
  };
}

/** Types over all that stands in an editor of code, as a person does who selects it first. */
export async function typeOver(page, editor, text) {
  await editor.focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
}

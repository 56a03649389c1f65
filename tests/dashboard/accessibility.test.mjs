// What holds for every page: landmarks, axe, reflow and the size of targets; checklist 13, 21, 22, 24.
import assert from "node:assert/strict";
import { it } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { pages, open } from "./support/pages.mjs";
import { makePeople } from "./support/people.mjs";
import { makeAction, makeConnection, makeLogStream, makeRules, makeSample } from "./support/sample.mjs";
import { OWNER, setUp } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world({ isSetUp: false, prepare: async (server) => ({ ...(await makeSample(server)), ...(await makeAction(server)), ...(await makeConnection(server)), ...(await makeRules(server)), ...(await makeLogStream(server)), ...(await makePeople(server)) }) });
const names = Object.keys(pages({}));

it("set-up and log-in: axe in light and dark at 1280 and 320 px, no sideways scrolling, targets of 24 px", async () => {
  const { page, server } = here;
  await page.goto(await server.setUpLink());
  await everywhere(page, "set-up");
  await setUp(page, await server.setUpLink(), OWNER);
  const context = await here.openContext();
  const login = await context.newPage();
  await login.goto("/dashboard/");
  await login.getByRole("heading", { name: "Log in" }).waitFor();
  await everywhere(login, "log-in");
  await context.close();
});

for (const name of names) {
  it(`${name}: landmarks, axe in light and dark at 1280 and 320 px, no sideways scrolling, targets of 24 px`, async () => {
    const { page } = here;
    await open(page, pages(here)[name]);
    await landmarks(page);
    await everywhere(page, name, themed(page));
  });
}

/** A dialog that stands open, everywhere; closed again. */
async function over(page, name, dialog) {
  await page.getByRole("dialog", { name: dialog }).waitFor();
  await everywhere(page, name, themed(page));
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: dialog }).waitFor({ state: "detached" });
}

it("what opens over a page: axe in light and dark at 1280 and 320 px", async () => {
  const { page } = here;
  await open(page, `/applications/${here.client_id}/settings`);
  await page.keyboard.press("Control+K");
  await over(page, "palette", "Search and commands");
  await page.keyboard.press("?");
  await over(page, "shortcuts", "Keyboard shortcuts");
  await page.getByLabel("Description").fill("Something else");
  await page.getByRole("button", { name: "Review" }).click();
  await over(page, "review", "Review changes");
  await page.getByRole("button", { name: "Delete application" }).click();
  await over(page, "delete", "Delete nightly-job?");
  await open(page, `/rules/${here.rule_id}`);
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await page.getByRole("region", { name: "Result" }).waitFor();
  await page.getByRole("button", { name: "Turn into an Action" }).click();
  await page.getByText("Settings that go along").waitFor();
  await over(page, "turn-rule", "Turn Plan in tokens into an Action");
  await everywhere(page, "rule, tried", themed(page));
  await page.setViewportSize({ width: 320, height: 640 });
  await page.getByRole("button", { name: "Open menu" }).click();
  await over(page, "menu", "Countersign");
});

it("branding and mails with something in them: axe in light and dark at 1280 and 320 px", async () => {
  const { page, server } = here;
  await open(page, "/branding/look");
  await page.getByRole("radio", { name: "A theme" }).check();
  await page.getByLabel("Label of the primary button", { exact: true }).fill("#0b57d1");
  await page.getByText("1.0 to 1 on").waitFor();
  await everywhere(page, "theme", themed(page));
  await page.getByRole("button", { name: "Discard" }).click();
  await open(page, "/branding/template");
  await page.getByRole("button", { name: "Write a page" }).click();
  await page.getByRole("textbox", { name: "Page in Liquid" }).waitFor();
  await everywhere(page, "template", themed(page));
  await page.getByRole("button", { name: "Discard" }).click();
  await open(page, "/emails/provider");
  await page.getByRole("radio", { name: "SMTP" }).check();
  await everywhere(page, "provider", themed(page));
  await page.getByRole("button", { name: "Discard" }).click();
  await open(page, "/emails/templates/verify_email");
  await page.getByRole("button", { name: "Write your own" }).click();
  await page.getByRole("textbox", { name: "Body in HTML with Liquid" }).waitFor();
  await page.getByRole("button", { name: "Plain text" }).click();
  await everywhere(page, "mail", themed(page));
  await page.getByRole("button", { name: "Discard" }).click();
  await server.api("/api/x/emails/test", { body: { to: "ann@example.com", template: "verify_email" } });
  await open(page, "/emails/mailbox");
  await everywhere(page, "mailbox", themed(page));
  await page.getByRole("button", { name: /^Open/ }).first().click();
  await page.getByRole("dialog").waitFor();
  await everywhere(page, "a mail of the mailbox", themed(page));
});

it("what opens over the pages of users and roles: axe in light and dark at 1280 and 320 px", async () => {
  const { page } = here;
  await open(page, "/users?job=import");
  await over(page, "import", "Import users");
  await open(page, "/users?job=export");
  await page.getByRole("radio", { name: "Fields I choose" }).check();
  await over(page, "export", "Export users");
  await open(page, `/users/${here.user_id}/details`);
  for (const [button, dialog] of [["Change Email address", "Change email address: Jane Doe"], ["Change Password", "Change password: Jane Doe"], ["Delete this user", "Delete Jane Doe?"]]) {
    await page.getByRole("button", { name: button }).click();
    await over(page, button, dialog);
  }
  await page.getByRole("button", { name: "Link an account" }).click();
  await page.getByRole("textbox", { name: "User" }).fill("john");
  await page.getByRole("radio", { name: /John Smith/ }).check();
  await over(page, "link", "Link an account to Jane Doe");
  await open(page, `/users/${here.user_id}/permissions`);
  await page.getByRole("button", { name: "Add permissions" }).click();
  await page.getByLabel("API", { exact: true }).selectOption(here.billing.identifier);
  await over(page, "permissions", "Add permissions to Jane Doe");
  await open(page, `/roles/${here.role_id}/users`);
  await page.getByRole("button", { name: "Assign to users" }).click();
  await page.getByRole("textbox", { name: "User" }).fill("noor");
  await page.getByRole("checkbox", { name: /noor/ }).check();
  await over(page, "assign", "Assign Auditor to users");
  await open(page, "/users");
  await page.getByRole("textbox", { name: "Search users" }).fill("mail:x");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: "There is no such field." }).waitFor();
  await everywhere(page, "a query that is wrong", themed(page));
});

/** The dashboard follows the system's theme a moment later. */
const themed = (page) => (theme) => page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, theme);

/** Both widths and both themes; `hasTheme` waits for what a change of theme does. */
async function everywhere(page, name, hasTheme) {
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: width === 320 ? 640 : 900 });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await hasTheme?.(colorScheme);
      await quiet(page);
      await assertAccessible(page, `${name}, ${colorScheme}, ${width} px`);
    }
    await targets(page, `${name}, ${width} px`);
  }
  const { scroll, inner } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, inner: innerWidth }));
  assert.ok(scroll <= inner, `${name} is ${scroll} px wide in a window of ${inner} px`);
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** Waits for transitions to end, so that no colour is measured halfway; what goes on for longer is no transition. */
const quiet = (page) =>
  page.waitForFunction(() => document.getAnimations().every(({ playState, effect }) => playState !== "running" || effect.getComputedTiming().endTime > 2000), undefined, { timeout: 2_000 });

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
      .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest(".sr, .skip, [aria-hidden=true]"));
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

// What people do on the pages: with the keyboard alone, and without scripts.
import assert from "node:assert/strict";
import { it } from "node:test";
import { pages } from "./support/pages.mjs";
import { ANN, authorize } from "./support/shop.mjs";
import { world } from "./support/world.mjs";

const here = world();

/** The shop, as far as a browser sees it. */
const inShop = (run) => here.open(async (page, context) => {
  await context.route("https://shop.example/**", (route) => route.fulfill({ body: "Welcome to the shop" }));
  here.faults.allow(/request to another origin: https:\/\/shop\.example/);
  await run(page);
});

const inTheShop = async (page) => {
  await page.getByText("Welcome to the shop").waitFor();
  assert.match(page.url(), /[?&]code=/);
};

it("somebody logs in with the keyboard alone", () =>
  inShop(async (page) => {
    await page.goto(authorize(here.shop));
    // A page has the focus a moment after it is loaded; what is typed before goes nowhere.
    await page.waitForFunction(() => document.hasFocus() && document.activeElement?.tagName === "INPUT");
    await page.keyboard.type(ANN.email);
    await page.keyboard.press("Tab");
    await page.keyboard.type("wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    assert.equal(await page.getByLabel("Email address").inputValue(), ANN.email);
    // The address is there still, so the password has the focus.
    await page.keyboard.type(ANN.password);
    await page.keyboard.press("Enter");
    await inTheShop(page);
  }));

it("everything on the log-in page is reached in the order in which it is read", () =>
  here.open(async (page) => {
    await page.goto(authorize(here.shop));
    const reached = [];
    for (let presses = 0; presses < 6; presses++) {
      reached.push(await page.evaluate(() => document.activeElement.name || document.activeElement.textContent.trim()));
      await page.keyboard.press("Tab");
    }
    assert.deepEqual(reached, ["username", "password", "Forgot password?", "action", "Sign up", "Get support"]);
  }));

it("somebody signs up, told what a password needs", () =>
  inShop(async (page) => {
    await page.goto(authorize(here.shop));
    await page.getByRole("link", { name: "Sign up" }).click();
    await page.getByLabel("Email address").fill("cleo@example.com");
    await page.getByLabel("Password").fill("short1");
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByText("Missing: At least 8 characters").waitFor();
    await page.getByLabel("Password").fill(ANN.password);
    await page.getByRole("button", { name: "Sign up" }).click();
    await inTheShop(page);
  }));

it("somebody goes to and fro between the pages, by links and by going back", () =>
  inShop(async (page) => {
    await page.goto(authorize(here.shop));
    await page.getByRole("link", { name: "Forgot password?" }).click();
    await page.getByRole("heading", { name: "Forgot your password?" }).waitFor();
    await page.getByRole("link", { name: "Back to log in" }).click();
    await page.getByRole("link", { name: "Sign up" }).click();
    await page.getByRole("heading", { name: "Create your account" }).waitFor();
    await page.goBack();
    await page.getByLabel("Email address").fill(ANN.email);
    await page.getByLabel("Password").fill(ANN.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await inTheShop(page);
  }));

it("first the name and then the password, and the name can be changed", () =>
  inShop(async (page) => {
    await pages(here).password(page, {});
    await page.getByRole("link", { name: "Change who logs in" }).click();
    await page.getByLabel("Email address").fill(ANN.email);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Password").fill(ANN.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await inTheShop(page);
  }));

it("whoever says no goes back without anything", () =>
  inShop(async (page) => {
    await pages(here).consent(page, {});
    await page.getByText("orders: read, write").waitFor();
    await page.getByText("invoices: read").waitFor();
    await page.getByRole("button", { name: "Decline" }).click();
    await page.getByText("Welcome to the shop").waitFor();
    assert.match(page.url(), /error=access_denied/);
  }));

it("a device is confirmed, and its owner is told", () =>
  here.open(async (page) => {
    await pages(here)["device confirmation"](page, {});
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByLabel("Email address").fill(ANN.email);
    await page.getByLabel("Password").fill(ANN.password);
    await page.getByRole("button", { name: "Log in" }).click();
    const accept = page.getByRole("button", { name: "Accept" });
    const done = page.getByRole("heading", { name: "Your device is connected" });
    await accept.or(done).first().waitFor();
    if (await accept.isVisible()) await accept.click();
    await done.waitFor();
  }));

it("a device is refused", () =>
  here.open(async (page) => {
    await pages(here)["device confirmation"](page, {});
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("heading", { name: "Your device was not connected" }).waitFor();
  }));

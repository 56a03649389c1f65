// The hosted pages: what is chosen here is seen there, before it is saved in the preview, and afterwards by people.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { it } from "node:test";
import { makeShop, onLoginPage } from "./support/hosted.mjs";
import { typeOver } from "./support/keyboard.mjs";
import { open } from "./support/pages.mjs";
import { eventually } from "./support/server.mjs";
import { joinAs } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const TEMPLATE = "/api/v2/branding/templates/universal-login";

const here = world({
  prepare: async (server) => {
    await server.api("/api/v2/tenants/settings", { method: "PATCH", body: { friendly_name: "Acme", enabled_locales: ["en", "de"] } });
    return { shop: await makeShop(server) };
  },
});

const bar = () => here.page.getByRole("region", { name: "Unsaved changes" });
const dialog = () => here.page.getByRole("dialog");
const preview = () => here.page.frameLocator('iframe[title^="Preview"]');
const colourOf = (locator) => locator.evaluate((element) => getComputedStyle(element).backgroundColor);
const button = "button[type=submit]";

async function save() {
  await here.page.keyboard.press("Control+S");
  await bar().waitFor({ state: "detached" });
}

it("shows a changed colour in the preview at once, and on the hosted page once it is saved", async () => {
  const { page, shop, server } = here;
  await open(page, "/branding/look");
  await preview().locator(button).waitFor();
  await page.getByLabel("Primary colour", { exact: true }).fill("#b3261e");
  await eventually(async () => (await colourOf(preview().locator(button))) === "rgb(179, 38, 30)", "the colour in the preview");
  assert.notEqual(await onLoginPage(here, shop, (login) => colourOf(login.locator(button))), "rgb(179, 38, 30)");
  await save();
  assert.equal((await server.api("/api/v2/branding")).colors.primary, "#b3261e");
  assert.equal(await onLoginPage(here, shop, (login) => colourOf(login.locator(button))), "rgb(179, 38, 30)");
});

it("keeps the last page while a value makes no sense, and says what is wrong with it", async () => {
  const { page } = here;
  await open(page, "/branding/look");
  await preview().locator(button).waitFor();
  await page.getByLabel("Primary colour", { exact: true }).fill("red");
  await page.getByText("Enter a colour such as #0b57d0.").waitFor();
  await page.getByLabel("Logo URL").fill("http://cdn.example/logo.png");
  await page.getByText("Enter an https address.").waitFor();
  await page.keyboard.press("Control+S");
  await bar().getByText(/^2 fields need attention: (Primary colour, Logo URL|Logo URL, Primary colour)$/).waitFor();
  assert.ok(await preview().locator(button).count());
  await bar().getByRole("button", { name: "Discard" }).click();
});

it("warns beside a colour that would not stand out, and says what the page does about it", async () => {
  const { page } = here;
  await open(page, "/branding/look");
  await page.getByLabel("Primary colour", { exact: true }).fill("#ffdd00");
  await page.getByText("1.3 to 1 on the form in light, less than 4.5 to 1. Links are drawn darker there.").waitFor();
  await page.getByRole("radio", { name: "A theme" }).check();
  const label = page.getByLabel("Label of the primary button", { exact: true });
  await label.fill("#ffffff");
  await page.getByText("1.3 to 1 on “Primary button”, less than 4.5 to 1. The page draws it darker or lighter.").waitFor();
  await label.fill("#000000");
  await page.getByText("1.3 to 1 on “Primary button”").waitFor({ state: "detached" });
  await bar().getByRole("button", { name: "Discard" }).click();
});

it("makes a theme, changes it and takes it away; the page follows", async () => {
  const { page, server, shop } = here;
  await open(page, "/branding/look");
  await page.getByRole("radio", { name: "A theme" }).check();
  await page.getByLabel("Form", { exact: true }).fill("#101820");
  const corners = page.getByLabel("Corners of the form (px)");
  await corners.fill("");
  await corners.pressSequentially("0.5");
  assert.equal(await corners.inputValue(), "0.5");
  await corners.fill("7");
  const card = (at) => at.locator("main").evaluate((element) => [getComputedStyle(element).backgroundColor, getComputedStyle(element).borderRadius]);
  const desktop = page.getByRole("button", { name: "Desktop" });
  await desktop.click();
  await eventually(async () => (await card(preview())).join() === "rgb(16, 24, 32),7px", "the card in the preview");
  await save();
  const made = await server.api("/api/v2/branding/themes/default");
  assert.deepEqual([made.colors.widget_background, made.borders.widget_corner_radius], ["#101820", 7]);
  assert.deepEqual(await onLoginPage(here, shop, card), ["rgb(16, 24, 32)", "7px"]);
  await page.getByLabel("Corners of the form (px)").fill("9");
  await save();
  const changed = await server.api("/api/v2/branding/themes/default");
  assert.deepEqual([changed.themeId, changed.borders.widget_corner_radius], [made.themeId, 9]);
  await page.getByRole("radio", { name: "Two colours" }).check();
  await save();
  await server.api("/api/v2/branding/themes/default", { expect: false }).then(({ status }) => assert.equal(status, 404));
});

it("tells of somebody else’s change instead of overwriting it", async () => {
  const { page, server, faults } = here;
  await open(page, "/branding/look");
  await page.getByLabel("Favicon URL").fill("https://cdn.example/a.ico");
  await server.api("/api/v2/branding", { method: "PATCH", body: { favicon_url: "https://cdn.example/b.ico" } });
  faults.allow(/status of 412/);
  await page.keyboard.press("Control+S");
  await dialog().getByText("https://cdn.example/b.ico").waitFor();
  await dialog().getByRole("button", { name: "Take theirs" }).click();
  await eventually(async () => (await page.getByLabel("Favicon URL").inputValue()) === "https://cdn.example/b.ico", "their value");
  await server.api("/api/v2/branding", { method: "PATCH", body: { favicon_url: "" } });
});

it("loads the logo from where the page does", async () => {
  const { page, faults } = here;
  const pixel = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
  let asked = 0;
  const host = createServer((_, answer) => { asked += 1; answer.writeHead(200, { "content-type": "image/gif" }).end(pixel); });
  await new Promise((ready) => host.listen(0, "127.0.0.1", ready));
  faults.allow(/request to another origin: http:\/\/127\.0\.0\.1/);
  await open(page, "/branding/look");
  await page.getByLabel("Logo URL").fill(`http://127.0.0.1:${host.address().port}/logo.gif`);
  await eventually(() => asked > 0, "a request for the logo");
  await preview().locator(".logo img").waitFor();
  await bar().getByRole("button", { name: "Discard" }).click();
  host.close();
});

it("asks for the identifier first, where that is chosen", async () => {
  const { page, shop } = here;
  await open(page, "/branding/experience");
  await page.getByRole("radio", { name: "Identifier first" }).check();
  await preview().locator("input[name=username]").waitFor();
  await eventually(async () => (await preview().locator("input[name=password]").count()) === 0, "a preview without a password");
  await save();
  assert.match(await onLoginPage(here, shop, (login) => login.url()), /\/u\/login\/identifier/);
  await page.getByRole("radio", { name: "Identifier and password" }).check();
  await save();
  assert.match(await onLoginPage(here, shop, (login) => login.url()), /\/u\/login\?/);
});

it("says a changed text on the hosted page, in its language only, and marks it", async () => {
  const { page, server, shop } = here;
  await open(page, "/branding/text?language=de");
  const title = page.getByRole("textbox", { name: "title", exact: true });
  assert.equal(await title.getAttribute("placeholder"), "Anmelden");
  await title.fill("Willkommen bei ${companyName}");
  await preview().getByText("Willkommen bei Acme").waitFor({ state: "attached" });
  await page.getByText("1 changed").waitFor();
  await save();
  assert.deepEqual(await server.api("/api/v2/prompts/login/custom-text/de"), { login: { title: "Willkommen bei ${companyName}" } });
  const heading = (login) => login.getByRole("heading", { level: 1 }).innerText();
  assert.equal(await onLoginPage(here, shop, heading, { locale: "de-DE" }), "Willkommen bei Acme");
  assert.equal(await onLoginPage(here, shop, heading), "Log in");
  await page.getByRole("button", { name: "Reset title" }).click();
  await save();
  assert.deepEqual(await server.api("/api/v2/prompts/login/custom-text/de"), {});
});

it("finds a text by its words or its key, and keeps what it does not know", async () => {
  const { page, server } = here;
  await server.api("/api/v2/prompts/signup/custom-text/en", { method: "PUT", body: { signup: { "logo-alt-text": "Ours" } } });
  await open(page, "/branding/text?prompt=signup");
  await page.getByRole("textbox", { name: "Find a text or its key" }).fill("button");
  const found = page.getByRole("main").locator(".words input");
  await eventually(async () => (await found.count()) > 0 && (await found.count()) < 4, "few texts");
  await page.getByRole("textbox", { name: "buttonText", exact: true }).fill("Join");
  await save();
  assert.deepEqual(await server.api("/api/v2/prompts/signup/custom-text/en"), { signup: { "logo-alt-text": "Ours", buttonText: "Join" } });
  await page.getByRole("textbox", { name: "Find a text or its key" }).fill("no such words");
  await page.getByText("No text matches “no such words”.").waitFor();
});

it("puts a page of one’s own around the form, tells what is wrong with it, and takes it away", async () => {
  const { page, server, shop, faults } = here;
  await open(page, "/branding/template");
  await page.getByRole("button", { name: "Write a page" }).click();
  const editor = page.getByRole("textbox", { name: "Page in Liquid" });
  await editor.waitFor();
  await preview().locator("footer").getByText("Acme").waitFor({ state: "attached" });
  faults.allow(/status of 400/);
  await typeOver(page, editor, "<html><head>\n</head><body><p class=\"greeting\">{{ application.name }}</p>\n</body></html>");
  await page.getByText("The server does not take it:").waitFor();
  for (const tag of ["auth0:head", "auth0:widget"]) {
    await page.getByText(`The page has no {%- ${tag} -%}.`).waitFor();
    await page.getByRole("button", { name: "Insert" }).first().click();
  }
  await preview().locator(".greeting").getByText("Web shop").waitFor({ state: "attached" });
  await page.getByText("The server does not take it:").waitFor({ state: "detached" });
  await save();
  assert.equal(await onLoginPage(here, shop, (login) => login.locator(".greeting").innerText()), "Web shop");
  await page.getByRole("button", { name: "Reset to the built-in page" }).click();
  await dialog().getByRole("button", { name: "Reset to the built-in page" }).click();
  await page.getByRole("button", { name: "Write a page" }).waitFor();
  assert.equal((await server.api(TEMPLATE, { expect: false })).status, 404);
});

it("shows a viewer everything and lets them change nothing", async () => {
  const { context, page } = await joinAs(here, "vera@acme.example", ["viewer"]);
  await open(page, "/branding/look");
  assert.ok(await page.getByLabel("Primary colour", { exact: true }).isDisabled());
  await page.frameLocator('iframe[title^="Preview"]').locator(button).waitFor({ state: "attached" });
  await open(page, "/branding/text");
  assert.ok(await page.getByRole("textbox", { name: "title", exact: true }).getAttribute("readonly") !== null);
  await context.close();
});

it("is worked with the keyboard alone: Tab goes into the preview and out of it", async () => {
  const { page } = here;
  await open(page, "/branding/look");
  await preview().locator(button).waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Dark" }).focus();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "IFRAME");
  await page.keyboard.press("Tab");
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "IFRAME");
});

// The last one: the browser tells what it refused once more whenever such a frame is opened.
it("runs nothing that stands in what is shown, and gives it nobody’s origin", async () => {
  const { page, server, faults } = here;
  const evil = "<script>window.ran = 1; parent.document.title = 'taken'</script>";
  const template = `<html><head>{%- auth0:head -%}<meta http-equiv="refresh" content="0;url=/dashboard/"><base href="https://evil.example/"></head>
    <body onload="window.ran = 1">${evil}<img src="data:," onerror="window.ran = 1"><a id="there" href="javascript:void(window.ran = 1)">go</a>
    <form id="out" action="/dashboard/" method="post"><button id="send">send</button></form><iframe srcdoc="${evil.replaceAll('"', "'")}"></iframe>
    <svg onload="window.ran = 1"></svg>{%- auth0:widget -%}</body></html>`;
  await server.api(TEMPLATE, { method: "PUT", body: { template } });
  // What is refused is told to the console.
  faults.allow(/Content Security Policy|CSP violation|sandboxed/i);
  await open(page, "/branding/template");
  await preview().locator("#there").waitFor({ state: "attached" });
  await page.waitForTimeout(500);
  const frame = page.frames().find((frame) => frame.url().endsWith("/dashboard/stage"));
  const found = await frame.evaluate(() => {
    document.getElementById("there").click();
    try { document.getElementById("out").submit(); } catch {}
    const reach = (what) => { try { return typeof what(); } catch (error) { return error.name; } };
    return {
      ran: typeof window.ran, origin: self.origin, cookie: reach(() => document.cookie), storage: reach(() => localStorage), parent: reach(() => parent.document),
      scripts: document.querySelectorAll("script, base, meta[http-equiv]").length, inert: document.body.inert,
    };
  });
  assert.deepEqual(found, { ran: "undefined", origin: "null", cookie: "SecurityError", storage: "SecurityError", parent: "SecurityError", scripts: 0, inert: true });
  assert.match(await page.title(), /^Page template/);
  const stage = await server.fetch("/dashboard/stage");
  assert.match(stage.headers.get("content-security-policy"), /^sandbox allow-scripts; default-src 'none'; script-src 'nonce-[0-9a-f]{32}';.*form-action 'none'.*frame-ancestors 'self'$/);
  assert.equal(stage.headers.get("cache-control"), "no-store");
  await server.api(TEMPLATE, { method: "DELETE" });
});

// From nothing to the first token, and signing in ever after: checklist 1 to 10, 12.
import assert from "node:assert/strict";
import { it } from "node:test";
import { expectChecks } from "./support/inspector.mjs";
import { open, settled } from "./support/pages.mjs";
import { eventually } from "./support/server.mjs";
import { inShell } from "./support/shell.mjs";
import { logIn, OWNER } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world({ isSetUp: false });

const path = (url) => new URL(url).pathname;

it("leads from /dashboard to the setup page while nobody administers", async () => {
  const { page } = here;
  await page.goto("/dashboard/");
  await page.getByRole("heading", { name: "Set up your server" }).waitFor();
  await page.getByLabel("Setup code").waitFor();
});

it("tells a wrong code beside the field, and takes the one of the link by itself", async () => {
  const { page, server, faults } = here;
  faults.allow(/status of 400/);
  await page.goto("/setup?code=not-the-one");
  const code = page.getByLabel("Setup code");
  assert.equal(await code.inputValue(), "not-the-one");
  assert.equal(await code.getAttribute("aria-invalid"), "true");
  const described = await code.evaluate((input) => input.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id)?.textContent).join(" "));
  assert.match(described, /used already, has expired, or was never made/);
  await page.goto(await server.setUpLink());
  await page.getByLabel("Email address").waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Setup code" }).count(), 0);
});

it("refuses a short password before it sends anything, and lets one paste", async () => {
  const { page } = here;
  const sent = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
  await page.getByLabel("Email address").fill(OWNER.email);
  const password = page.getByLabel("Password");
  await password.fill("too short");
  await page.getByRole("button", { name: "Create account" }).click();
  assert.equal(await password.evaluate((input) => input.validity.tooShort), true);
  assert.deepEqual(sent, []);
  page.removeAllListeners("request");
  await password.fill("");
  await page.evaluate((text) => navigator.clipboard.writeText(text), OWNER.password);
  await password.focus();
  await page.keyboard.press("Control+V");
  assert.equal(await password.inputValue(), OWNER.password);
});

it("ends on Home, signed in, with the sample, and five checks: in a minute, six clicks and two typed fields", async (t) => {
  const { page, server } = here;
  let clicks = 0;
  const click = (locator) => locator.click().then(() => (clicks += 1));
  const began = Date.now();
  await page.goto(await server.setUpLink());
  // Five characters in a second, as somebody types who knows the words.
  await page.getByLabel("Email address").pressSequentially(OWNER.email, { delay: 200 });
  await page.getByLabel("Password").pressSequentially(OWNER.password, { delay: 200 });
  assert.ok(await page.getByRole("checkbox", { name: /sample API/ }).isChecked());
  await click(page.getByRole("button", { name: "Create account" }));
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
  await page.getByText("hello.example, 2 permissions").waitFor();
  await page.getByText("A real token for Hello machine to call hello.example").waitFor();
  await click(page.getByRole("button", { name: "Get token" }));
  await expectChecks(page.getByRole("dialog", { name: "Token inspector" }));
  const took = Date.now() - began;
  t.diagnostic(`${(took / 1000).toFixed(1)} s, ${clicks} clicks`);
  assert.ok(took <= 60_000 && clicks <= 6);
  assert.equal(path(page.url()), "/dashboard/");
});

it("turns the next line of Get started by itself when the copied cURL is run", async () => {
  const { page, server } = here;
  await open(page, "/");
  await page.getByText("Waiting for a first call…").waitFor();
  await page.getByRole("button", { name: "Copy as cURL" }).click();
  const command = await eventually(async () => {
    const text = await page.evaluate(() => navigator.clipboard.readText());
    return text.startsWith("curl") && text;
  }, "the command");
  assert.equal(JSON.parse(await inShell(command, server)).token_type, "Bearer");
  await page.getByText(/Received: curl\/[\d.]+ from 127\.0\.0\.1/).first().waitFor();
});

it("answers 404 to /setup, and to a used link, once somebody administers", async () => {
  const { page, server, faults } = here;
  for (const url of ["/setup", await server.setUpLink()]) {
    faults.allow(/status of 404/);
    const answer = await page.goto(url);
    assert.equal(answer.status(), 404);
    await page.getByText("This link is good no more").waitFor();
    faults.check();
  }
});

it("goes to the server’s own login with S256, state and the Management API’s audience, and comes back", async () => {
  const context = await here.openContext();
  const page = await context.newPage();
  const asked = [];
  page.on("request", (request) => path(request.url()).endsWith("/authorize") && asked.push(new URL(request.url())));
  await page.goto("/dashboard/applications?q=hello");
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  const { searchParams } = asked.at(-1);
  assert.equal(searchParams.get("code_challenge_method"), "S256");
  assert.equal(searchParams.get("audience"), `${here.server.issuer}api/v2/`);
  assert.ok(searchParams.get("state").length >= 32);
  here.faults.allow(/status of 400/);
  await logIn(page, { ...OWNER, password: "not the password" });
  await page.getByRole("alert").getByText("Wrong email or password.").waitFor();
  await logIn(page, OWNER);
  await page.waitForURL("**/dashboard/applications?q=hello");
  await page.getByRole("link", { name: "Hello machine" }).waitFor();
  await context.close();
});

it("keeps tokens in memory only", async () => {
  const { page, context } = here;
  await open(page, "/applications");
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie + location.href);
  const cookies = await context.cookies();
  assert.doesNotMatch(kept + JSON.stringify(cookies.filter(({ httpOnly }) => !httpOnly)), /eyJ|access_token|refresh_token|code=/);
  assert.ok(cookies.length > 0 && cookies.every(({ httpOnly, secure, path }) => httpOnly && secure && path.startsWith("/tenants/administrators")), JSON.stringify(cookies));
});

it("comes back to the same page after a reload, without a login form, within 1.5 seconds", async (t) => {
  const { page } = here;
  for (const path of ["/applications?q=hello", "/logs?range=1h", "/tenant/signing-keys"]) {
    await open(page, path);
    const url = page.url();
    const began = Date.now();
    await page.reload();
    await settled(page);
    const took = Date.now() - began;
    t.diagnostic(`${path}: ${took} ms`);
    assert.equal(page.url(), url);
    assert.ok(took <= 1500 * 2, `${took} ms`);
  }
});

it("warns before the session ends, and Stay signed in keeps unsaved edits", async () => {
  const { server, faults } = here;
  const context = await here.openContext({ storageState: await here.context.storageState() });
  const page = await context.newPage();
  // The server says that the session ends in two minutes and a few seconds; nothing else is changed.
  let isFirst = true;
  await page.route("**/oauth/token", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    if (isFirst) body.refresh_token_expires_in = 124;
    isFirst = false;
    await route.fulfill({ response: answer, json: body });
  });
  const client = (await server.api("/api/v2/clients")).find(({ name }) => name === "Hello machine");
  await open(page, `/applications/${client.client_id}/settings`);
  await page.getByLabel("Description").fill("Unsaved");
  const dialog = page.getByRole("dialog", { name: "Your session is about to end" });
  await dialog.waitFor();
  await dialog.getByRole("button", { name: "Stay signed in" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("Description").inputValue(), "Unsaved");
  faults.check();
  await context.close();
});

it("signs out: Back shows the login page, and the refresh token is refused", async () => {
  const { server } = here;
  const context = await here.openContext();
  const page = await context.newPage();
  const tokens = [];
  page.on("response", async (answer) => {
    if (path(answer.url()).endsWith("/oauth/token")) tokens.push((await answer.json().catch(() => ({}))).refresh_token);
  });
  await page.goto("/dashboard/applications");
  await logIn(page, OWNER);
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  await page.getByRole("button", { name: /account of/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  const [refresh] = tokens;
  assert.ok(refresh);
  const answer = await server.fetch("/tenants/administrators/oauth/token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ grant_type: "refresh_token", client_id: "dashboard", refresh_token: refresh }),
  });
  assert.equal(answer.status, 403);
  assert.equal((await answer.json()).error, "invalid_grant");
  await context.close();
});

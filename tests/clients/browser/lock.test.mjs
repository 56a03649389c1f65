// auth0-lock on an application's own page: it reads what the application may do, and logs people in, signs them up and
// asks for new passwords without leaving the page.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { agree, domain, makePerson, openBrowser, openContext, part, register, serveApp, unique } from "./support.mjs";

const APP = `
  import Auth0Lock from "auth0-lock";
  window.seen = [];
  window.make = (clientId, domain, options) => {
    const lock = new Auth0Lock(clientId, domain, { auth: { redirectUrl: location.origin + "/callback", responseType: "token id_token", params: { scope: "openid profile email" } }, allowShowPassword: true, ...options });
    for (const event of ["authenticated", "authorization_error", "signup success", "unrecoverable_error", "forgot_password submit", "signup error"])
      lock.on(event, (told) => window.seen.push({ event, told: JSON.parse(JSON.stringify(told ?? null)) }));
    window.lock = lock;
  };
`;

describe("auth0-lock", () => {
  let browser, app, client, person, context, page;

  before(async () => {
    [browser, app, person] = await Promise.all([openBrowser(), serveApp(APP), makePerson()]);
    client = await register(app.origin, { cross_origin_authentication: true });
  });
  after(async () => {
    await browser?.close();
    await app?.close();
    for (const one of [client, person]) await one?.remove();
  });
  beforeEach(async () => {
    context = await openContext(browser);
    page = await context.newPage();
  });
  afterEach(() => context.close());

  async function show(options = {}, screen = {}) {
    await page.goto(app.origin);
    await make(options);
    await page.evaluate((screen) => window.lock.show(screen), screen);
    await page.locator(".auth0-lock-widget").waitFor();
  }

  const make = (options = {}) =>
    page.evaluate(([id, domain, options]) => window.make(id, domain, options), [client.client_id, domain, options]);
  const field = (name) => page.locator(`.auth0-lock-widget input[name=${name}]`);
  const send = () => page.locator("button.auth0-lock-submit").click();
  const words = (of) => page.locator(of).innerText();

  it("logs in without leaving the application's page", async () => {
    await show();
    await field("email").fill(person.email);
    await field("password").fill(person.password);
    await send();
    await agree(page, "/callback");
    await make();
    await page.waitForFunction(() => window.seen.length > 0);
    const [{ event, told }] = await page.evaluate(() => window.seen);
    assert.equal(event, "authenticated", JSON.stringify(told));
    assert.equal(told.idTokenPayload.sub, person.user_id);
    assert.equal(part(told.idToken, 1).aud, client.client_id);
  });

  it("says that a password is wrong", async () => {
    await show();
    await field("email").fill(person.email);
    await field("password").fill("wrong");
    await send();
    await page.locator(".auth0-global-message-error").waitFor();
    assert.match(await words(".auth0-global-message-error"), /wrong email or password/i);
  });

  it("shows the rules of a password and signs somebody up", async () => {
    await show({ loginAfterSignUp: true }, { initialScreen: "signUp" });
    const email = `${unique("carol")}@example.com`;
    await field("email").fill(email);
    await field("password").fill("short");
    assert.match(await words(".auth0-lock-password-strength"), /characters in length/);
    await field("password").fill("Long-enough-1-password");
    await send();
    await agree(page, "/callback");
    await make();
    await page.waitForFunction(() => window.seen.length > 0);
    const [{ event, told }] = await page.evaluate(() => window.seen);
    assert.equal(event, "authenticated", JSON.stringify(told));
    assert.equal(told.idTokenPayload.email, email);
  });

  it("asks for a new password", async () => {
    await show({}, { initialScreen: "forgotPassword" });
    await field("email").fill(person.email);
    await send();
    await page.locator(".auth0-global-message-success").waitFor();
  });

  it("shows no sign-up where it is switched off for the application", async () => {
    await show({ allowSignUp: false });
    assert.equal(await page.locator(".auth0-lock-tabs").count(), 0);
  });
});

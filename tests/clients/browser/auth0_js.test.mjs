// auth0-js as an application that logs people in by itself has it: implicit flow, silent checks in a frame, and login,
// sign-up and password change from the application's own page (cross-origin authentication on one site).
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { DATABASE, agree, domain, issuer, logIn, makePerson, openBrowser, openContext, part, register, serveApp, unique } from "./support.mjs";

const APP = `
  import auth0 from "auth0-js";
  window.make = (options) => { window.auth = new auth0.WebAuth(options); };
  window.ask = (method, ...given) => new Promise((resolve) =>
    method.split(".").reduce((object, name, i, all) => i + 1 < all.length ? object[name] : object[name].bind(object), window.auth)(
      ...given, (error, result) => resolve({ error: error ?? null, result: result ?? null })));
`;

describe("auth0-js", () => {
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
    await open();
  });
  afterEach(() => context.close());

  async function open(path = "/") {
    await page.goto(app.origin + path);
    await make();
  }

  const make = () => page.evaluate((options) => window.make(options), {
    domain, clientID: client.client_id, redirectUri: `${app.origin}/callback`, responseType: "token id_token", scope: "openid profile email",
  });
  const ask = (method, ...given) => page.evaluate(([method, given]) => window.ask(method, ...given), [method, given]);

  /** What the application reads from the fragment that it was returned to with. */
  async function returned() {
    await agree(page, "/callback");
    const { hash } = new URL(page.url());
    await make();
    return ask("parseHash", { hash });
  }

  it("logs in by redirect with the implicit flow", async () => {
    await page.evaluate(() => window.auth.authorize({})).catch(() => {});
    await page.waitForURL((url) => url.pathname.startsWith("/u/"));
    await logIn(page, person);
    const { error, result } = await returned();
    assert.equal(error, null);
    assert.equal(result.idTokenPayload.sub, person.user_id);
    assert.ok(result.idTokenPayload.at_hash && result.idTokenPayload.nonce);
    assert.equal(result.tokenType, "Bearer");
    assert.equal(result.expiresIn, 7200);
    const told = await ask("client.userInfo", result.accessToken);
    assert.equal(told.result.email, person.email);
  });

  it("checks the session in a frame", async () => {
    assert.equal((await ask("checkSession", {})).error.code, "login_required");
    await page.evaluate(() => window.auth.authorize({})).catch(() => {});
    await logIn(page, person);
    await returned();
    const { error, result } = await ask("checkSession", {});
    assert.equal(error, null);
    assert.equal(result.idTokenPayload.sub, person.user_id);
  });

  it("logs in from the application's own page", async () => {
    await page.evaluate(([realm, username, password]) => window.auth.login({ realm, username, password }, () => {}), [DATABASE, person.email, person.password]).catch(() => {});
    const { error, result } = await returned();
    assert.equal(error, null);
    assert.equal(result.idTokenPayload.sub, person.user_id);
    assert.equal(part(result.idToken, 1).aud, client.client_id);
  });

  it("says that a password is wrong without saying whose", async () => {
    for (const username of [person.email, `${unique("nobody")}@example.com`]) {
      const { error } = await ask("login", { realm: DATABASE, username, password: "wrong" });
      assert.equal(error.code, "access_denied");
      assert.equal(error.description, "Wrong email or password.");
    }
  });

  it("signs up, and then logs in", async () => {
    const email = `${unique("bob")}@example.com`;
    const { error, result } = await ask("signup", { connection: DATABASE, email, password: "Long-enough-1-password", userMetadata: { plan: "free" } });
    assert.equal(error, null);
    assert.match(result.Id ?? result.id ?? "", /^[0-9a-f]{24}$/);
    assert.equal(result.emailVerified, false);
    await page.evaluate(([realm, username]) => window.auth.login({ realm, username, password: "Long-enough-1-password" }, () => {}), [DATABASE, email]).catch(() => {});
    assert.equal((await returned()).result.idTokenPayload.email, email);
  });

  it("is told what is wrong with a weak password", async () => {
    const { error } = await ask("signup", { connection: DATABASE, email: `${unique("bob")}@example.com`, password: "short" });
    assert.equal(error.code, "invalid_password");
    assert.equal(error.name, "PasswordStrengthError");
    assert.match(error.policy, /characters in length/);
  });

  it("asks for a new password, in the same words for whoever exists", async () => {
    for (const email of [person.email, `${unique("nobody")}@example.com`]) {
      const { error, result } = await ask("changePassword", { connection: DATABASE, email });
      assert.equal(error, null);
      assert.equal(result, "We've just sent you an email to reset your password.");
    }
  });

  it("builds an address to log out at that works", async () => {
    await page.evaluate(() => window.auth.authorize({})).catch(() => {});
    await logIn(page, person);
    await returned();
    const url = await page.evaluate(([client_id, returnTo]) => window.auth.client.buildLogoutUrl({ clientID: client_id, returnTo }), [client.client_id, app.origin]);
    assert.ok(url.startsWith(`${issuer}v2/logout?`), url);
    await page.goto(url);
    await page.waitForURL((url) => url.origin === app.origin);
    await make();
    assert.equal((await ask("checkSession", {})).error.code, "login_required");
  });

  it("is not served from an origin that the application does not name", async () => {
    const elsewhere = await serveApp(APP);
    try {
      await page.goto(elsewhere.origin);
      await make();
      const { error } = await ask("login", { realm: DATABASE, username: person.email, password: person.password });
      assert.ok(error, "refused");
    } finally {
      await elsewhere.close();
    }
  });
});

// express-openid-connect: a web application whose server logs people in, with its defaults (an ID token posted by a form),
// with a code, with pushed requests.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import express from "express";
import openid from "express-openid-connect";
import { issuer, logIn, makeApi, makePerson, management, openBrowser, openContext, part, register, serve } from "./support.mjs";

const { auth, requiresAuth } = openid;

describe("express-openid-connect", () => {
  let browser, person, context, page, application;

  before(async () => { [browser, person] = await Promise.all([openBrowser(), makePerson()]); });
  after(async () => {
    await browser?.close();
    await person?.remove();
  });
  beforeEach(async () => {
    context = await openContext(browser);
    page = await context.newPage();
  });
  afterEach(async () => {
    await context.close();
    await application?.close();
    application = undefined;
  });

  /** A web application with these settings of the middleware, registered with the server. */
  async function begin({ settings = {}, client: body = {} } = {}) {
    const app = express();
    const site = await serve(app);
    const client = await register(site.origin, {
      app_type: "regular_web", token_endpoint_auth_method: "client_secret_basic", callbacks: [`${site.origin}/callback`],
      ...(typeof body === "function" ? body(site.origin) : body),
    });
    // Before the middleware: its answer to the browser's own request for an icon would set the session's cookie anew, and
    // bring back a session whose logout it overtook.
    app.get("/favicon.ico", (_request, response) => response.sendStatus(404));
    app.use(auth({
      baseURL: site.origin, issuerBaseURL: issuer.slice(0, -1), clientID: client.client_id, secret: randomBytes(32).toString("hex"),
      authRequired: false, idpLogout: true, ...(settings.authorizationParams?.response_type?.includes("code") && { clientSecret: client.client_secret }), ...settings,
    }));
    app.get("/me", requiresAuth(), async (request, response) => {
      const { idTokenClaims, accessToken, refreshToken } = request.oidc;
      response.json({ user: request.oidc.user, claims: idTokenClaims, accessToken, refreshToken });
    });
    app.get("/refreshed", requiresAuth(), async (request, response) => response.json(await request.oidc.accessToken.refresh()));
    app.get("/", (request, response) => response.send(request.oidc.isAuthenticated() ? "in" : "out"));
    app.use((error, _request, response, _next) => response.status(error.status ?? 500).send(`failed: ${error.message} ${error.error_description ?? ""}`));
    application = { ...site, client, close: async () => { await site.close(); await client.remove(); } };
    return application;
  }

  const shown = async () => JSON.parse(await page.locator("body").innerText());

  it("logs in with its defaults: an ID token posted by a form", async () => {
    const { origin, client } = await begin();
    await page.goto(`${origin}/me`);
    await logIn(page, person);
    await page.waitForURL(`${origin}/me`);
    const { user, claims } = await shown();
    assert.equal(user.sub, person.user_id);
    assert.equal(claims.aud, client.client_id);
  });

  it("logs in with a code, and refreshes", async () => {
    const api = await makeApi();
    try {
      const { origin } = await begin({
        settings: { authorizationParams: { response_type: "code", audience: api.identifier, scope: "openid profile email offline_access read:things" } },
      });
      await page.goto(`${origin}/me`);
      await logIn(page, person);
      await page.waitForURL(`${origin}/me`);
      const { accessToken, refreshToken } = await shown();
      assert.equal(part(accessToken.access_token, 1).sub, person.user_id);
      assert.ok(refreshToken);
      await page.goto(`${origin}/refreshed`);
      const refreshed = await shown();
      assert.notEqual(refreshed.access_token, accessToken.access_token);
    } finally {
      await api.remove();
    }
  });

  it("pushes its request where it is registered to", async () => {
    const settings = await management.tenants.settings.get();
    await management.tenants.settings.update({ pushed_authorization_requests_supported: true });
    try {
      const { origin } = await begin({
        settings: { pushedAuthorizationRequests: true, authorizationParams: { response_type: "code", scope: "openid profile email" } },
        client: { require_pushed_authorization_requests: true },
      });
      await page.goto(`${origin}/me`);
      await logIn(page, person);
      await page.waitForURL(`${origin}/me`);
      assert.equal((await shown()).user.sub, person.user_id);
    } finally {
      await management.tenants.settings.update({ pushed_authorization_requests_supported: settings.pushed_authorization_requests_supported ?? false });
    }
  });

  it("logs in silently where somebody is logged in", async () => {
    const { origin } = await begin({ settings: { attemptSilentLogin: true } });
    await page.goto(origin);
    assert.equal(await page.locator("body").innerText(), "out");
    await page.goto(`${origin}/login`);
    await logIn(page, person);
    await page.waitForURL((url) => url.origin === origin);
    // The application forgets; the server does not.
    await context.clearCookies({ name: /^(appSession|skipSilentLogin)/ });
    await page.goto(origin);
    assert.equal(await page.locator("body").innerText(), "in");
  });

  it("logs out here and at the server", async () => {
    const { origin } = await begin();
    await page.goto(`${origin}/me`);
    await logIn(page, person);
    await page.waitForURL(`${origin}/me`);
    await page.goto(`${origin}/logout`);
    await page.waitForURL((url) => url.origin === origin && url.pathname === "/");
    assert.equal(await page.locator("body").innerText(), "out");
    await page.goto(`${origin}/me`);
    await page.locator("input[name=username]").waitFor();
  });

  it("logs out through /v2/logout as well", async () => {
    const { origin } = await begin({ settings: { auth0Logout: true } });
    await page.goto(`${origin}/me`);
    await logIn(page, person);
    await page.waitForURL(`${origin}/me`);
    await page.goto(`${origin}/logout`);
    await page.waitForURL((url) => url.origin === origin && url.pathname === "/");
    assert.equal(await page.locator("body").innerText(), "out");
  });

  it("is told by the server that somebody has logged out elsewhere", { skip: !process.env.SITE_CERTIFICATE && "no openssl" }, async () => {
    // Kept as sessions are: by name, and answered to a callback.
    const told = new Map();
    const store = {
      get: (name, done) => done(null, told.get(name)),
      set: (name, value, done) => { told.set(name, value); done(null); },
      destroy: (name, done) => { told.delete(name); done(null); },
    };
    const { origin } = await begin({
      settings: { backchannelLogout: { store } },
      client: (origin) => ({ oidc_logout: { backchannel_logout_urls: [`${origin}/backchannel-logout`] } }),
    });
    await page.goto(`${origin}/me`);
    await logIn(page, person);
    await page.waitForURL(`${origin}/me`);
    const { claims } = await shown();
    assert.equal(told.size, 0);
    // No page of the application has a part in this.
    await page.goto(`${issuer}v2/logout`);
    for (const deadline = Date.now() + 10_000; told.size === 0 && Date.now() < deadline;) await sleep(50);
    assert.deepEqual([...told.keys()].sort(), [`${issuer}|${claims.sid}`, `${issuer}|${person.user_id}`].sort());
    await page.goto(origin);
    assert.equal(await page.locator("body").innerText(), "out");
  });

  it("sends somebody who was blocked back with an error", async () => {
    const blocked = await makePerson();
    await management.users.update(blocked.user_id, { blocked: true });
    const { origin } = await begin({ settings: { authorizationParams: { response_type: "code" } } });
    await page.goto(`${origin}/me`);
    await logIn(page, blocked);
    await page.waitForURL((url) => url.origin === origin);
    assert.match(await page.locator("body").innerText(), /user is blocked/);
    await blocked.remove();
  });
});

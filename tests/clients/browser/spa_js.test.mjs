// @auth0/auth0-spa-js as a single-page application has it: in Chromium, from the package as it is published.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { issuer, logIn, makeApi, makePerson, openBrowser, openContext, part, register, serveApp } from "./support.mjs";

const APP = `
  import { createAuth0Client } from "@auth0/auth0-spa-js";
  window.make = (options) => createAuth0Client(options).then((client) => { window.client = client; });
`;

describe("auth0-spa-js", () => {
  let browser, app, client, api, person, context, page;

  before(async () => {
    [browser, app, api, person] = await Promise.all([openBrowser(), serveApp(APP), makeApi(), makePerson()]);
    client = await register(app.origin, {
      refresh_token: { rotation_type: "rotating", expiration_type: "expiring", leeway: 0, token_lifetime: 3600, idle_token_lifetime: 1800 },
    });
  });
  after(async () => {
    await browser?.close();
    await app?.close();
    for (const one of [client, api, person]) await one?.remove();
  });
  beforeEach(async () => {
    context = await openContext(browser);
    page = await context.newPage();
  });
  afterEach(() => context.close());

  /** Opens the application with a client made of these options. */
  async function open(options = {}, path = "/") {
    await page.goto(app.origin + path);
    await make(options);
  }

  const make = (options = {}) => {
    const { authorizationParams, ...rest } = options;
    return page.evaluate((given) => window.make(given), {
      domain: issuer.slice("https://".length, -1), clientId: client.client_id,
      authorizationParams: { redirect_uri: `${app.origin}/callback`, ...authorizationParams }, ...rest,
    });
  };

  /** Logs in by redirect and takes the callback. */
  async function logInByRedirect(options = {}) {
    await open(options);
    await page.evaluate(() => window.client.loginWithRedirect({ appState: { from: "here" } })).catch(() => {});
    await page.waitForURL((url) => url.pathname.startsWith("/u/"));
    await logIn(page, person);
    await page.waitForURL((url) => url.pathname === "/callback");
    await make(options);
    return page.evaluate(() => window.client.handleRedirectCallback());
  }

  const user = () => page.evaluate(() => window.client.getUser());
  const claims = () => page.evaluate(() => window.client.getIdTokenClaims());
  const silently = (options) => page.evaluate((options) => window.client.getTokenSilently(options), options);
  /** The error that a call ends with. */
  const refused = (options) =>
    page.evaluate((options) => window.client.getTokenSilently(options).then(() => null, ({ error, message }) => ({ error, message })), options);

  it("logs in by redirect, and knows who it is", async () => {
    const result = await logInByRedirect();
    assert.deepEqual(result.appState, { from: "here" });
    const told = await user();
    assert.equal(told.sub, person.user_id);
    assert.equal(told.email, person.email);
    const token = await claims();
    assert.equal(token.iss, issuer);
    assert.equal(part(token.__raw, 0).alg, "RS256");
    assert.equal(token.aud, client.client_id);
    assert.ok(token.sid && token.nonce);
    assert.equal(token.auth_time, undefined, "nobody asked when they logged in");
  });

  it("renews silently through a frame, and not after the session has ended", async () => {
    await logInByRedirect();
    const before = (await claims()).__raw;
    const token = await silently({ cacheMode: "off" });
    assert.ok(token);
    assert.notEqual((await claims()).__raw, before);
    await page.goto(`${issuer}v2/logout?client_id=${client.client_id}&returnTo=${encodeURIComponent(app.origin)}`);
    await page.waitForURL((url) => url.origin === app.origin);
    await make();
    assert.deepEqual(await refused({ cacheMode: "off" }), { error: "login_required", message: "Login required" });
  });

  it("gets a token for an API, once its owner has agreed", async () => {
    const options = { authorizationParams: { audience: api.identifier, scope: "openid profile email read:things" } };
    await logInByRedirect(options);
    const token = await silently();
    const claims = part(token, 1);
    assert.deepEqual(claims.aud, [api.identifier, `${issuer}userinfo`]);
    assert.ok(claims.scope.split(" ").includes("read:things"));
    assert.equal(claims.sub, person.user_id);
  });

  it("rotates refresh tokens, and loses the family when an old one is used again", async () => {
    const asked = [];
    page.on("request", (request) => {
      if (request.url().endsWith("/oauth/token")) asked.push(new URLSearchParams(request.postData()));
    });
    const options = { useRefreshTokens: true, cacheLocation: "localstorage", authorizationParams: { scope: "openid profile email offline_access" } };
    await logInByRedirect(options);
    await silently({ cacheMode: "off" });
    await silently({ cacheMode: "off" });
    const used = asked.filter((form) => form.get("grant_type") === "refresh_token").map((form) => form.get("refresh_token"));
    assert.equal(new Set(used).size, 2, "each was another");
    // Without a frame to fall back to, what the token endpoint says is what counts.
    const again = await page.evaluate(async ([issuer, client_id, refresh_token]) => {
      const answer = await fetch(`${issuer}oauth/token`, { method: "POST", body: new URLSearchParams({ grant_type: "refresh_token", client_id, refresh_token }) });
      return { status: answer.status, ...(await answer.json()) };
    }, [issuer, client.client_id, used[0]]);
    assert.equal(again.status, 403);
    assert.equal(again.error, "invalid_grant");
    const lost = await refused({ cacheMode: "off" });
    assert.match(lost.message, /invalid refresh token/i);
  });

  it("falls back to a frame when its refresh token is gone", async () => {
    const options = {
      useRefreshTokens: true, useRefreshTokensFallback: true, cacheLocation: "localstorage",
      authorizationParams: { scope: "openid profile email offline_access" },
    };
    await logInByRedirect(options);
    await page.evaluate(() => {
      for (const key of Object.keys(localStorage)) {
        const kept = JSON.parse(localStorage[key]);
        if (kept?.body?.refresh_token) { kept.body.refresh_token = "forged"; localStorage[key] = JSON.stringify(kept); }
      }
    });
    await make(options);
    assert.ok(await silently({ cacheMode: "off" }));
  });

  it("logs in with a popup", async () => {
    await open();
    const [popup, done] = await Promise.all([
      context.waitForEvent("page"),
      page.evaluate(() => { window.done = window.client.loginWithPopup(); return true; }),
    ]);
    assert.ok(done);
    await logIn(popup, person);
    await page.evaluate(() => window.done);
    assert.equal((await user()).sub, person.user_id);
  });

  it("binds its tokens to a key with DPoP", async () => {
    await logInByRedirect({ useDpop: true, authorizationParams: { audience: api.identifier, scope: "openid read:things" } });
    const token = await silently();
    assert.ok(part(token, 1).cnf.jkt);
  });

  it("logs out and comes back", async () => {
    await logInByRedirect();
    await page.evaluate((returnTo) => window.client.logout({ logoutParams: { returnTo } }), app.origin).catch(() => {});
    await page.waitForURL((url) => url.origin === app.origin && url.pathname === "/");
    await make();
    assert.equal(await page.evaluate(() => window.client.isAuthenticated()), false);
    assert.equal((await refused({ cacheMode: "off" })).error, "login_required");
  });

  it("stays on our page when it may not be returned to", async () => {
    await logInByRedirect();
    await page.goto(`${issuer}v2/logout?client_id=${client.client_id}&returnTo=https://elsewhere.example/`);
    assert.equal(new URL(page.url()).origin, new URL(issuer).origin);
  });
});

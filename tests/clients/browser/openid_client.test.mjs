// openid-client, certified and knowing nothing of Auth0: the code flow with all that OpenID Connect asks of it, the hybrid
// flow, the device flow, refresh, userinfo, logout, pushed and signed requests; and what must be refused.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { exportSPKI, generateKeyPair } from "jose";
import * as openid from "openid-client";
import { issuer, logIn, makeApi, makePerson, management, openBrowser, openContext, register, serve } from "./support.mjs";

describe("openid-client", () => {
  let browser, site, person, client, context, page, config;

  before(async () => {
    // It answers whatever is asked; what counts is the address that the browser came to.
    [browser, person, site] = await Promise.all([openBrowser(), makePerson(), serve((request, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>App</title><p>App");
    })]);
    client = await register(site.origin, {
      app_type: "regular_web", token_endpoint_auth_method: "client_secret_post", callbacks: [`${site.origin}/callback`],
    });
    config = await discover();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    for (const one of [client, person]) await one?.remove();
  });
  beforeEach(async () => {
    context = await openContext(browser);
    page = await context.newPage();
  });
  afterEach(() => context.close());

  const discover = (authenticate = openid.ClientSecretPost(client.client_secret)) =>
    openid.discovery(new URL(issuer), client.client_id, undefined, authenticate);
  const redirect_uri = () => `${site.origin}/callback`;

  /** Everything that an authorization request is checked by, and its parameters. */
  async function request(more = {}) {
    const [verifier, state, nonce] = [openid.randomPKCECodeVerifier(), openid.randomState(), openid.randomNonce()];
    const parameters = {
      redirect_uri: redirect_uri(), scope: "openid profile email", state, nonce, code_challenge_method: "S256",
      code_challenge: await openid.calculatePKCECodeChallenge(verifier), ...more,
    };
    return { parameters, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce } };
  }

  /** Goes to an address, logs in where that is asked, and answers the address that the browser ends at. */
  async function visit(url, { as = person } = {}) {
    await page.goto(url.href);
    if (as) await logIn(page, as);
    await page.waitForURL((url) => url.origin === site.origin);
    return new URL(page.url());
  }

  async function login(more, options, configuration = config) {
    const { parameters, checks } = await request(more);
    const back = await visit(openid.buildAuthorizationUrl(configuration, parameters), options);
    return openid.authorizationCodeGrant(configuration, back, checks);
  }

  it("gets a code, its tokens and the person they stand for", async () => {
    const tokens = await login();
    const claims = tokens.claims();
    assert.equal(claims.sub, person.user_id);
    const told = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(told.email, person.email);
  });

  it("is told when somebody logged in if it asks how long ago that may be", async () => {
    const tokens = await login({ max_age: "3600" });
    assert.ok(Math.abs(tokens.claims().auth_time - Date.now() / 1000) < 60);
  });

  it("is answered at once while a session lasts, and without asking", async () => {
    await login();
    const { parameters, checks } = await request({ prompt: "none" });
    const back = await visit(openid.buildAuthorizationUrl(config, parameters), { as: null });
    const tokens = await openid.authorizationCodeGrant(config, back, checks);
    assert.equal(tokens.claims().sub, person.user_id);
  });

  it("hears login_required where nobody is logged in", async () => {
    const { parameters, checks } = await request({ prompt: "none" });
    const back = await visit(openid.buildAuthorizationUrl(config, parameters), { as: null });
    await assert.rejects(openid.authorizationCodeGrant(config, back, checks), { error: "login_required" });
  });

  it("has somebody log in again with prompt=login", async () => {
    await login();
    const tokens = await login({ prompt: "login" });
    assert.ok(tokens.claims().auth_time);
  });

  it("refreshes", async () => {
    const tokens = await login({ scope: "openid offline_access" });
    const again = await openid.refreshTokenGrant(config, tokens.refresh_token);
    assert.equal(again.claims().sub, person.user_id);
    assert.notEqual(again.access_token, tokens.access_token);
    await openid.tokenRevocation(config, again.refresh_token ?? tokens.refresh_token);
    await assert.rejects(openid.refreshTokenGrant(config, again.refresh_token ?? tokens.refresh_token), { error: "invalid_grant", status: 403 });
  });

  it("takes an ID token beside the code in the fragment", async () => {
    const hybrid = await discover();
    openid.useCodeIdTokenResponseType(hybrid);
    const { parameters, checks } = await request();
    await page.goto(openid.buildAuthorizationUrl(hybrid, { ...parameters, response_mode: "fragment" }).href);
    await logIn(page, person);
    await page.waitForURL((url) => url.origin === site.origin);
    const tokens = await openid.authorizationCodeGrant(hybrid, new URL(page.url()), checks);
    assert.equal(tokens.claims().sub, person.user_id);
  });

  it("takes an ID token alone from a posted form", async () => {
    const implicit = await discover();
    openid.useIdTokenResponseType(implicit);
    const { parameters, checks } = await request({ response_mode: "form_post" });
    const posted = page.waitForRequest((request) => request.url() === redirect_uri() && request.method() === "POST");
    await page.goto(openid.buildAuthorizationUrl(implicit, parameters).href);
    await logIn(page, person);
    const form = await posted;
    const answer = new Request(redirect_uri(), { method: "POST", body: new URLSearchParams(form.postData()) });
    const claims = await openid.implicitAuthentication(implicit, answer, checks.expectedNonce, { expectedState: checks.expectedState });
    assert.equal(claims.sub, person.user_id);
  });

  it("pushes its request", async () => {
    const settings = await management.tenants.settings.get();
    await management.tenants.settings.update({ pushed_authorization_requests_supported: true });
    try {
      const { parameters, checks } = await request();
      const pushing = await discover();
      const back = await visit(await openid.buildAuthorizationUrlWithPAR(pushing, parameters));
      assert.equal((await openid.authorizationCodeGrant(pushing, back, checks)).claims().sub, person.user_id);
    } finally {
      await management.tenants.settings.update({ pushed_authorization_requests_supported: settings.pushed_authorization_requests_supported ?? false });
    }
  });

  it("signs its request", async () => {
    const keys = await generateKeyPair("RS256", { extractable: true });
    const pem = await exportSPKI(keys.publicKey);
    const signing = await register(site.origin, {
      app_type: "regular_web", token_endpoint_auth_method: "client_secret_post", callbacks: [redirect_uri()],
      signed_request_object: { required: true, credentials: [{ credential_type: "public_key", name: "jar", pem, alg: "RS256" }] },
    });
    try {
      const configuration = await openid.discovery(new URL(issuer), signing.client_id, undefined, openid.ClientSecretPost(signing.client_secret));
      const { parameters, checks } = await request();
      const back = await visit(await openid.buildAuthorizationUrlWithJAR(configuration, parameters, keys.privateKey));
      assert.equal((await openid.authorizationCodeGrant(configuration, back, checks)).claims().sub, person.user_id);
      await page.goto(openid.buildAuthorizationUrl(configuration, parameters).href);
      assert.equal(new URL(page.url()).origin === site.origin ? new URL(page.url()).searchParams.get("error") : "page", new URL(page.url()).origin === site.origin ? "invalid_request" : "page");
    } finally {
      await signing.remove();
    }
  });

  it("asks once more for consent when it asks for more", async () => {
    const api = await makeApi();
    try {
      const tokens = await login({ audience: api.identifier, scope: "openid read:things" });
      assert.ok(tokens.access_token);
      const { parameters } = await request({ audience: api.identifier, scope: "openid read:things write:things", prompt: "none" });
      const back = await visit(openid.buildAuthorizationUrl(config, parameters), { as: null });
      assert.equal(back.searchParams.get("error"), "consent_required");
    } finally {
      await api.remove();
    }
  });

  it("logs in a device that has no browser", async () => {
    const device = await register(site.origin, {
      app_type: "native", token_endpoint_auth_method: "none", grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
    });
    try {
      const configuration = await openid.discovery(new URL(issuer), device.client_id, undefined, openid.None());
      const begun = await openid.initiateDeviceAuthorization(configuration, { scope: "openid profile" });
      const polling = openid.pollDeviceAuthorizationGrant(configuration, begun);
      await page.goto(begun.verification_uri_complete);
      await page.locator("button[name=action][value=confirm]").click();
      await logIn(page, person);
      assert.equal((await polling).claims().sub, person.user_id);
    } finally {
      await device.remove();
    }
  });

  it("logs out, and is told where to", async () => {
    const tokens = await login();
    const url = openid.buildEndSessionUrl(config, { post_logout_redirect_uri: site.origin, id_token_hint: tokens.id_token, state: "s1" });
    const back = await visit(url, { as: null });
    assert.equal(back.searchParams.get("state"), "s1");
    const { parameters } = await request({ prompt: "none" });
    const asked = await visit(openid.buildAuthorizationUrl(config, parameters), { as: null });
    assert.equal(asked.searchParams.get("error"), "login_required");
  });

  describe("is refused", () => {
    it("a code that was used, and then what came of it", async () => {
      const { parameters, checks } = await request();
      const back = await visit(openid.buildAuthorizationUrl(config, parameters));
      await openid.authorizationCodeGrant(config, back, checks);
      await assert.rejects(openid.authorizationCodeGrant(config, back, checks), { error: "invalid_grant", status: 403 });
    });

    it("a code with another verifier", async () => {
      const { parameters, checks } = await request();
      const back = await visit(openid.buildAuthorizationUrl(config, parameters));
      await assert.rejects(openid.authorizationCodeGrant(config, back, { ...checks, pkceCodeVerifier: openid.randomPKCECodeVerifier() }), { error: "invalid_grant" });
    });

    it("a place that it did not register", async () => {
      for (const wrong of [`${site.origin}/elsewhere`, `${site.origin}/callback/`, "https://elsewhere.example/callback", `${site.origin.replace("https", "http")}/callback`, `${site.origin}@elsewhere.example/callback`]) {
        const { parameters } = await request({ redirect_uri: wrong });
        await page.goto(openid.buildAuthorizationUrl(config, parameters).href);
        assert.equal(new URL(page.url()).origin, new URL(issuer).origin, wrong);
        assert.match(await page.locator("body").innerText(), /is not in the list of allowed callback URLs/);
      }
    });

    it("a response type that nobody knows", async () => {
      const { parameters } = await request({ response_type: "magic" });
      const back = await visit(openid.buildAuthorizationUrl(config, parameters), { as: null });
      assert.equal(back.searchParams.get("error"), "unsupported_response_type");
      assert.equal(back.searchParams.get("state"), parameters.state);
    });
  });
});

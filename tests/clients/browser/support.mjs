// What the tests in a browser share: applications served on https://localhost beside the server (one site, so that its
// cookies reach its frames), people who can log in, and the hosted pages as a person fills them in.
import "reflect-metadata";
import assert from "node:assert/strict";
import { randomBytes, webcrypto } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as x509 from "@peculiar/x509";
import { ManagementClient } from "auth0";
import { build } from "esbuild";
import { chromium } from "playwright-core";

export const issuer = required("COUNTERSIGN_ISSUER");
export const adminToken = required("COUNTERSIGN_ADMIN_TOKEN");
export const domain = new URL(issuer).host;
export const management = new ManagementClient({ domain, token: adminToken });
export const DATABASE = "Username-Password-Authentication";

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start the suite with tests/clients/run`);
  return value;
}

export const unique = (prefix) => `${prefix}-${randomBytes(6).toString("hex")}`;

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const openBrowser = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });

/** A browser profile of its own. */
export async function openContext(browser, options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB", ...options });
  context.setDefaultTimeout(15_000);
  return context;
}

/** Serves `handle` over TLS on a free port of localhost. */
export async function serve(handle) {
  const server = https.createServer(await certificate(), handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `https://localhost:${server.address().port}`,
    close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }),
  };
}

let made;
async function certificate() {
  made ??= (async () => {
    // The server believes this one, where the runner could make it.
    const { SITE_CERTIFICATE, SITE_KEY } = process.env;
    if (SITE_CERTIFICATE) return { cert: readFileSync(SITE_CERTIFICATE), key: readFileSync(SITE_KEY) };
    x509.cryptoProvider.set(webcrypto);
    const alg = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = await webcrypto.subtle.generateKey(alg, true, ["sign", "verify"]);
    const cert = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: "01", name: "CN=localhost", notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000),
      signingAlgorithm: alg, keys, extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
    return { cert: cert.toString("pem"), key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n` };
  })();
  return made;
}

/** The build of auth0-js that has a default export: the other, which `require` finds, says that it has one and has none. */
const whole = {
  name: "auth0-js",
  setup: (build) => build.onResolve({ filter: /^auth0-js$/ }, () => ({
    path: fileURLToPath(new URL("node_modules/auth0-js/dist/auth0.min.esm.js", import.meta.url)),
  })),
};

/** Bundles `source`, a module that may import what is installed here, for a browser. */
export async function bundle(source) {
  const resolveDir = fileURLToPath(new URL(".", import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir, loader: "js" }, bundle: true, write: false, format: "iife", logLevel: "silent",
    define: { "process.env.NODE_ENV": '"production"', global: "window" }, plugins: [whole],
  });
  return outputFiles[0].text;
}

/** An application of one page and one script, served from every path of an origin of its own. */
export async function serveApp(source) {
  const script = await bundle(source);
  return serve((request, response) => {
    if (request.url === "/app.js") {
      response.setHeader("content-type", "text/javascript; charset=utf-8");
      return response.end(script);
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end("<!doctype html><html lang=en><title>App</title><main id=app></main><script src=/app.js></script></html>");
  });
}

/** Registers an application of this kind at `origin`, with the database of people switched on for it. */
export async function register(origin, body = {}) {
  const client = await management.clients.create({
    name: unique("app"), app_type: "spa", token_endpoint_auth_method: "none",
    callbacks: [origin, `${origin}/callback`], allowed_logout_urls: [origin], web_origins: [origin], allowed_origins: [origin],
    oidc_conformant: true, grant_types: ["authorization_code", "implicit", "refresh_token"],
    // Its callback is on this machine; a person would be asked each time whether to go there.
    skip_non_verifiable_callback_uri_confirmation_prompt: true,
    ...body,
  });
  await enable(client.client_id);
  return { ...client, remove: () => management.clients.delete(client.client_id) };
}

/** Switches the database of people on for a client. */
export async function enable(clientId) {
  const found = await api("GET", `connections?name=${DATABASE}&strategy=auth0`);
  assert.equal(found.length, 1, `a connection ${DATABASE}`);
  await api("PATCH", `connections/${found[0].id}/clients`, [{ client_id: clientId, status: true }]);
}

/** An API that applications may ask for in people's name. */
export async function makeApi(body = {}) {
  const made = await management.resourceServers.create({
    name: unique("things"), identifier: `https://${unique("things")}.example/`, allow_offline_access: true,
    scopes: [{ value: "read:things" }, { value: "write:things" }], ...body,
  });
  return { ...made, remove: () => management.resourceServers.delete(made.id) };
}

/** Somebody who can log in. */
export async function makePerson(body = {}) {
  const password = `Correct-${randomBytes(6).toString("hex")}-9`;
  const email = `${unique("ann")}@example.com`;
  const user = await api("POST", "users", { connection: DATABASE, email, password, email_verified: true, ...body });
  return { ...user, email, password, remove: () => api("DELETE", `users/${encodeURIComponent(user.user_id)}`) };
}

/** Asks the Management API directly. */
export async function api(method, path, body) {
  const answer = await fetch(`${issuer}api/v2/${path}`, {
    method, headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Fills in the hosted login page, in one step or in two, and agrees to what is asked afterwards: the callbacks are on this
 *  machine, where anybody could listen, so that everybody is asked once. */
export async function logIn(page, { email, password }) {
  await page.locator("input[name=username]").fill(email);
  if ((await page.locator("input[name=password]").count()) === 0) await submit(page);
  await page.locator("input[name=password]").fill(password);
  await submit(page);
  try {
    await page.waitForURL((url) => url.pathname !== "/u/login" && url.pathname !== "/u/login/password", { timeout: 5_000 });
    if (new URL(page.url()).pathname === "/u/consent") await consent(page);
  } catch (error) {
    // A popup closes as soon as it has told its opener; whoever stays is looked at by the test.
    if (!page.isClosed() && error.name !== "TimeoutError") throw error;
  }
}

/** Presses the main button of a hosted page. */
export const submit = (page) => page.locator("button[name=action][value=default]").click();

/** Agrees, where a page asks for consent. */
export const consent = (page) => page.locator("button[name=action][value=accept]").click();

/** Agrees where that is asked on the way to this path of the application. */
export async function agree(page, path) {
  await page.waitForURL((url) => url.pathname === path || url.pathname === "/u/consent");
  if (new URL(page.url()).pathname === "/u/consent") await consent(page);
  await page.waitForURL((url) => url.pathname === path);
}

/** Repeats `probe` until it gives something truthy. */
export async function eventually(probe, what = "it", patience = 10_000) {
  for (const deadline = Date.now() + patience; ; await sleep(50)) {
    const found = await probe();
    if (found) return found;
    assert.ok(Date.now() < deadline, `${what} did not come within ${patience} ms`);
  }
}

export const part = (token, index) => JSON.parse(Buffer.from(token.split(".")[index], "base64url").toString());

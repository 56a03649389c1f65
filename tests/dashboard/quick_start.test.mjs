// From an application to its first token: checklist 49 to 57.
import assert from "node:assert/strict";
import { it } from "node:test";
import { expectChecks } from "./support/inspector.mjs";
import { open } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { inShell } from "./support/shell.mjs";
import { world } from "./support/world.mjs";

const NAMES = ["cURL", "C#", "Go", "Java", "Node.js", "PHP", "Python", "Ruby", "Rust"];

const here = world({
  prepare: async (server) => {
    const made = await makeSample(server);
    const stock = await server.api("/api/v2/resource-servers", { body: { name: "Stock API", identifier: "https://stock.example", scopes: [{ value: "read:stock" }] } });
    await server.api("/api/v2/client-grants", { body: { client_id: made.client_id, audience: stock.identifier, scope: ["read:stock"] } });
    const spa = await server.api("/api/v2/clients", { body: { name: "storefront", app_type: "spa", token_endpoint_auth_method: "none" } });
    return { ...made, stock, spa };
  },
});

const quickStart = () => open(here.page, `/applications/${here.client_id}/quickstart`);
const step = (name) => here.page.getByRole("region", { name, exact: true });
const tabs = (name) => step(name).getByRole("tab");
const code = (name) => step(name).getByRole("tabpanel").innerText();
const clipboard = () => here.page.evaluate(() => navigator.clipboard.readText());
const reads = () => here.server.api(`/api/v2/logs?q=${encodeURIComponent("type:mgmt_api_read")}`);

it("has nine languages, walked with the arrows, and remembers the choice", async () => {
  const { page } = here;
  await quickStart();
  assert.deepEqual(await tabs("Get a token").allInnerTexts(), NAMES);
  await tabs("Get a token").first().focus();
  for (const name of NAMES.slice(1)) {
    await page.keyboard.press("ArrowRight");
    await step("Get a token").getByRole("tab", { name, exact: true, selected: true }).waitFor();
  }
  await quickStart();
  await step("Get a token").getByRole("tab", { name: "Rust", exact: true, selected: true }).waitFor();
  assert.equal(await step("Call your API").getByRole("tab", { selected: true }).innerText(), "Rust");
});

it("names this server’s token URL, the client ID and the audience in each, and has no placeholder", async () => {
  await quickStart();
  for (const [index, name] of NAMES.entries()) {
    await tabs("Get a token").nth(index).click();
    const text = await code("Get a token");
    for (const wanted of [`${here.server.issuer}oauth/token`, here.client_id, here.api.identifier, "client_credentials"]) {
      assert.ok(text.includes(wanted), `${name}: no ${wanted}`);
    }
    assert.doesNotMatch(text, /YOUR_|<[A-Z_]+>|\{\{|example\.auth0\.com|undefined/, name);
    assert.ok((await code("Keep it")).includes(here.client_id), name);
  }
});

it("masks the secret, copies the real one, and shows it with one entry in the log", async () => {
  const { page, client } = here;
  await quickStart();
  await tabs("Get a token").first().click();
  assert.ok(!(await page.content()).includes(client.client_secret));
  assert.match(await code("Get a token"), /•{6}/);
  await step("Get a token").getByRole("button", { name: /^Copy Get a token/ }).click();
  await eventually(async () => (await clipboard()).includes(client.client_secret), "the real secret on the clipboard");
  const before = (await reads()).length;
  await page.getByRole("button", { name: "Show secret" }).click();
  await step("Get a token").getByText(client.client_secret).waitFor();
  await eventually(async () => (await reads()).length === before + 1, "one entry in the log");
  await page.getByRole("button", { name: "Hide secret" }).click();
  assert.ok(!(await page.content()).includes(client.client_secret));
});

it("copies a cURL command that works in a shell", async () => {
  await quickStart();
  await tabs("Get a token").first().click();
  await step("Get a token").getByRole("button", { name: /^Copy Get a token/ }).click();
  await eventually(async () => (await clipboard()).startsWith("curl"), "the command");
  // A file that is none, so that only what the command says is trusted.
  const answer = JSON.parse(await inShell(await clipboard(), here.server, { CURL_CA_BUNDLE: "/dev/null", SSL_CERT_FILE: "/dev/null" }));
  assert.equal(answer.token_type, "Bearer");
  assert.equal(answer.scope, "read:orders list:orders");
});

it("says how a program of each language comes to trust the server, and a command what went wrong", async () => {
  await quickStart();
  for (const [name, wanted] of Object.entries({ "Node.js": "NODE_EXTRA_CA_CERTS=", Python: "REQUESTS_CA_BUNDLE=", Go: "SSL_CERT_FILE=", PHP: "curl.cainfo=", Java: "keytool" })) {
    await tabs("Get a token").nth(NAMES.indexOf(name)).click();
    const said = await step("Get a token").innerText();
    assert.ok(said.includes(wanted) && said.includes("ca.pem"), name);
  }
  await tabs("Keep it").first().click();
  for (const name of ["Get a token", "Keep it"]) assert.match(await code(name), /^.*curl -sS --cacert '\/.*ca\.pem'/m, name);
  assert.match(await code("Call your API"), /^curl -sS 'http:\/\/localhost:3000\/orders'/);
});

it("runs here, shows status, duration and answer, and opens the inspector with five ticks", async () => {
  const { page } = here;
  await quickStart();
  await page.getByRole("button", { name: "Run here" }).click();
  await step("Response").getByText(/200 in \d+(\.\d+)? ms/).waitFor();
  assert.match(await step("Response").innerText(), /"access_token": "ey/);
  await page.getByRole("button", { name: "Inspect" }).click();
  await expectChecks(page.getByRole("dialog", { name: "Token inspector" }));
});

it("changes the audience of every snippet with the API", async () => {
  const { page } = here;
  await quickStart();
  await page.getByRole("combobox", { name: "Customized for API" }).selectOption({ label: "Stock API" });
  for (const index of NAMES.keys()) {
    await tabs("Get a token").nth(index).click();
    const text = await code("Get a token");
    assert.ok(text.includes("https://stock.example") && !text.includes("https://orders.example"), NAMES[index]);
  }
  assert.ok((await code("Validate in your API")).includes("https://stock.example"));
});

it("shows a token asked for elsewhere within two seconds, with agent and address", async () => {
  const { page, server, client } = here;
  await quickStart();
  const live = page.getByRole("log");
  await page.getByText("Waiting for a call from your code…").waitFor();
  await page.getByRole("region", { name: "Live" }).locator(".dot.on").waitFor();
  const began = Date.now();
  await server.token(client.client_id, client.client_secret, here.api.identifier, { headers: { "user-agent": "nightly/1.0" } });
  await live.getByText("nightly/1.0 from 127.0.0.1").waitFor();
  assert.ok(Date.now() - began < 2000, `${Date.now() - began} ms`);
});

it("copies the lines of a .env file", async () => {
  const { page, client, server } = here;
  await quickStart();
  await page.getByRole("button", { name: "Copy .env" }).click();
  await eventually(async () => (await clipboard()).includes("AUTH0_DOMAIN"), "the lines");
  assert.deepEqual((await clipboard()).trim().split("\n"), [
    `AUTH0_DOMAIN=${new URL(server.issuer).host}`,
    `AUTH0_CLIENT_ID=${client.client_id}`,
    `AUTH0_CLIENT_SECRET=${client.client_secret}`,
    `AUTH0_AUDIENCE=${here.api.identifier}`,
  ]);
});

it("has no secret in any snippet of a public application", async () => {
  const { page, spa } = here;
  await open(page, `/applications/${spa.client_id}/quickstart`);
  await page.getByText("It keeps no secret.").waitFor();
  const languages = page.getByRole("tab");
  for (let index = 0; index < (await languages.count()); index++) {
    await languages.nth(index).click();
    assert.doesNotMatch(await page.getByRole("main").innerText(), /client_secret|CLIENT_SECRET/);
  }
  assert.ok(!spa.client_secret || !(await page.content()).includes(spa.client_secret));
});

// Issuers that an application trusts: adding, the rules in words, testing a token, a token for it.
import assert from "node:assert/strict";
import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { it } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { open } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });
const ISSUER = "https://ci.example";
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwks = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "ci-1", alg: "RS256", use: "sig" }] };

const page = () => open(here.page, `/applications/${here.client_id}/federation`);
const stored = async () => (await here.server.api(`/api/x/clients/${here.client_id}/federated-credentials`)).federated_credentials;

/** A token as the outside issuer would give it to a workload. */
function token(claims = {}) {
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = { iss: ISSUER, sub: "job:orders", aud: here.server.issuer, iat: now, nbf: now, exp: now + 300, jti: randomUUID(), ...claims };
  const signed = `${part({ alg: "RS256", typ: "JWT", kid: "ci-1" })}.${part(body)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
}

it("begins with what is known of an issuer, and says beside the field what is missing", async () => {
  const { page: { keyboard }, page: tab } = here;
  await page();
  await tab.getByRole("button", { name: "Add trusted issuer" }).click();
  const dialog = tab.getByRole("dialog", { name: "Add trusted issuer" });
  await dialog.getByRole("radio", { name: "GitHub Actions" }).check();
  assert.equal(await dialog.getByRole("textbox", { name: "Issuer" }).inputValue(), "https://token.actions.githubusercontent.com");
  assert.equal(await dialog.getByLabel("Claim, rule 1").inputValue(), "repository");
  await dialog.getByRole("button", { name: "Add trusted issuer" }).click();
  await dialog.getByText("Say what it must be.").waitFor();
  assert.equal(await dialog.getByLabel("Value, rule 1").getAttribute("aria-invalid"), "true");
  await dialog.getByLabel("Value, rule 1").fill("acme/orders");
  await dialog.getByRole("group", { name: "In words" }).getByText("repository is exactly “acme/orders” and ref is exactly “refs/heads/main”").waitFor();
  await dialog.getByLabel("Comparison, rule 2").selectOption("matches");
  await dialog.getByLabel("Value, rule 2").fill("*");
  await dialog.getByText("A pattern must not begin with a star").waitFor();
  await assertAccessible(tab, "the editor of a trusted issuer");
  await keyboard.press("Escape");
});

it("trusts an issuer by pasted keys, and says the rules in words", async () => {
  const { page: tab } = here;
  await page();
  await tab.getByRole("button", { name: "Add trusted issuer" }).click();
  const dialog = tab.getByRole("dialog", { name: "Add trusted issuer" });
  await dialog.getByRole("radio", { name: "Another issuer" }).check();
  await dialog.getByLabel("Name").fill("our CI");
  await dialog.getByRole("textbox", { name: "Issuer" }).fill(ISSUER);
  await dialog.getByLabel("Value, rule 1").fill("job:orders");
  await dialog.getByRole("radio", { name: "Pasted here" }).check();
  const keys = dialog.getByLabel("Keys (JWKS)");
  await keys.fill(JSON.stringify({ keys: [privateKey.export({ format: "jwk" })] }));
  await dialog.getByRole("button", { name: "Add trusted issuer" }).click();
  await dialog.getByText("This is no JSON with a list “keys” of public keys.").waitFor();
  await keys.fill(JSON.stringify(jwks));
  await dialog.getByRole("button", { name: "Add trusted issuer" }).click();
  await dialog.waitFor({ state: "detached" });
  await tab.getByText(`A token from ${ISSUER} for ${here.server.issuer} is believed if sub is exactly “job:orders”.`).waitFor();
  const [issuer] = await stored();
  assert.deepEqual([issuer.name, issuer.rules], ["our CI", [{ claim: "sub", operator: "equals", value: "job:orders" }]]);
});

it("tests a token check by check, and issues one for it", async () => {
  const { page: tab, server } = here;
  await page();
  await tab.getByRole("button", { name: "Test a token of our CI" }).click();
  const dialog = tab.getByRole("dialog", { name: "Test a token of our CI" });
  const test = async (text) => {
    await dialog.getByLabel("Token of the workload").fill(text);
    await dialog.getByRole("button", { name: "Test", exact: true }).click();
  };
  await test(token({ sub: "job:other" }));
  await dialog.getByText("Refused: one check failed.").waitFor();
  await dialog.locator("[data-check=rules].bad").waitFor();
  await test(token());
  await dialog.getByText("This token would be believed.").waitFor();
  assert.equal(await dialog.locator(".bad").count(), 0);
  await tab.keyboard.press("Escape");

  const form = new URLSearchParams({
    grant_type: "client_credentials", audience: here.api.identifier, client_id: here.client_id,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion: token(),
  });
  const answer = await server.fetch("/oauth/token", { method: "POST", body: form });
  assert.equal(answer.status, 200, await answer.clone().text());
});

it("changes and stops trusting", async () => {
  const { page: tab } = here;
  await page();
  const menu = async (item) => {
    await tab.getByRole("button", { name: "Actions of our CI" }).click();
    await tab.getByRole("menuitem", { name: item }).click();
  };
  await menu("Edit");
  const dialog = tab.getByRole("dialog", { name: "Edit our CI" });
  await dialog.getByLabel("Comparison, rule 1").selectOption("one_of");
  await dialog.getByLabel("Values, separated by commas, rule 1").fill("job:orders, job:stock");
  await dialog.getByRole("button", { name: "Save changes" }).click();
  await tab.getByText("sub is “job:orders” or “job:stock”").waitFor();
  await eventually(async () => (await stored())[0].rules[0].value.length === 2, "the rule to be changed");
  await menu("Stop trusting");
  await tab.getByRole("dialog", { name: "Stop trusting our CI?" }).getByRole("button", { name: "Stop trusting" }).click();
  await tab.getByText("No trusted issuers yet").waitFor();
  await eventually(async () => (await stored()).length === 0, "the issuer to be gone");
});

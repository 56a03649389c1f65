// What an API demands of its tokens: encryption, binding, authorization details, reuse.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });
const stored = () => here.server.api(`/api/v2/resource-servers/${here.api_id}`);
const bar = () => here.page.getByRole("region", { name: "Unsaved changes" });
const settings = () => open(here.page, `/apis/${here.api_id}/settings`);
const ask = () => here.server.token(here.client_id, here.client.client_secret, here.api.identifier);

async function save() {
  await here.page.keyboard.press("Control+S");
  await bar().waitFor({ state: "detached" });
}

it("encrypts tokens for a key of the API, and shows of the key what is known", async () => {
  const { page } = here;
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const section = page.getByRole("region", { name: "Encryption" });
  await settings();
  await section.getByRole("switch", { name: "Encrypt the tokens (JWE)" }).click();
  await section.getByText("New tokens are encrypted as soon as you save.").waitFor();
  const pem = section.getByLabel("Public key of the API (PEM)");
  await pem.fill(privateKey.export({ type: "pkcs8", format: "pem" }));
  await page.keyboard.press("Control+S");
  await section.getByText("This is a private key.").waitFor();
  await pem.fill(publicKey.export({ type: "spki", format: "pem" }));
  await section.getByLabel("Key ID").fill("orders-2026");
  await save();
  await section.getByText("orders-2026").waitFor();
  const { token_encryption } = await stored();
  assert.deepEqual([token_encryption.encryption_key.alg, token_encryption.encryption_key.kid], ["RSA-OAEP-256", "orders-2026"]);
  assert.equal((await ask()).body.access_token.split(".").length, 5);
  await section.getByRole("switch", { name: "Encrypt the tokens (JWE)" }).click();
  await save();
  assert.equal((await ask()).body.access_token.split(".").length, 3);
});

it("issues bound tokens only when that is demanded, and explains the refusal", async () => {
  const { page } = here;
  const section = page.getByRole("region", { name: "Token binding and details" });
  await settings();
  await section.getByRole("radio", { name: "DPoP" }).check();
  await section.getByRole("switch", { name: "Only bound tokens" }).click();
  await save();
  assert.deepEqual((await stored()).proof_of_possession, { mechanism: "dpop", required: true });
  const refused = await ask();
  assert.ok(refused.status >= 400, `${refused.status}`);
  await section.getByRole("radio", { name: "Not at all" }).check();
  await save();
  assert.equal((await ask()).status, 200);
});

it("lists types of authorization details, one per line", async () => {
  const { page } = here;
  const types = page.getByRole("region", { name: "Token binding and details" }).getByLabel("Types of authorization details");
  await settings();
  await types.fill("payment\npayment");
  await page.keyboard.press("Control+S");
  await page.getByText("A type is listed twice.").first().waitFor();
  await types.fill("payment\naccount_information\n");
  await save();
  assert.deepEqual((await stored()).authorization_details, [{ type: "payment" }, { type: "account_information" }]);
});

it("hands out the same token again when that is switched on", async () => {
  const { page } = here;
  const card = page.getByRole("region", { name: "Token reuse" });
  await settings();
  await card.getByRole("switch", { name: "Hand out the same token again" }).click();
  await card.getByLabel("While at least this much of its life remains").fill("0");
  await card.getByText("Enter a whole number from 1 to 99.").waitFor();
  await card.getByLabel("While at least this much of its life remains").fill("40");
  await card.getByRole("button", { name: "Save changes" }).click();
  const reuse = () => here.server.api(`/api/x/resource-servers/${here.api_id}/token-reuse`);
  await eventually(async () => (await reuse()).enabled, "the setting to be stored");
  assert.deepEqual(await reuse(), { enabled: true, minimum_remaining_percent: 40 });
  const [one, other] = [await ask(), await ask()];
  assert.equal(one.body.access_token, other.body.access_token);
});

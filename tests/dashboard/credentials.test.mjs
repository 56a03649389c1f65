// Secrets, keys and certificates: checklist 72 to 77.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });
const credentials = () => open(here.page, `/applications/${here.client_id}/credentials`);
const secretNow = async () => (await here.server.api(`/api/v2/clients/${here.client_id}`)).client_secret;
const NAME = "client secret of nightly-job";

it("has the secret neither in the page nor in an answer before it is asked for, and hides it after 30 seconds", async () => {
  const { client } = here;
  const context = await here.openContext({ storageState: await here.context.storageState() });
  const page = await context.newPage();
  const told = [];
  page.on("response", async (response) => {
    if (!response.url().includes("/api/")) return;
    if ((await response.text().catch(() => "")).includes(client.client_secret)) told.push(response.url());
  });
  await page.clock.install();
  for (const tab of ["quickstart", "settings", "credentials", "apis", "history"]) {
    await open(page, `/applications/${here.client_id}/${tab}`);
    assert.ok(!(await page.content()).includes(client.client_secret), tab);
  }
  await page.waitForLoadState("networkidle");
  assert.deepEqual(told, []);
  await open(page, `/applications/${here.client_id}/credentials`);
  await page.getByRole("button", { name: `Reveal ${NAME}` }).click();
  await page.getByText(client.client_secret).waitFor();
  await page.clock.runFor(31_000);
  await page.getByText(client.client_secret).waitFor({ state: "detached" });
  await context.close();
});

it("hides the secret when the window loses the focus", async () => {
  const { page, client } = here;
  await credentials();
  await page.getByRole("button", { name: `Reveal ${NAME}` }).click();
  await page.getByText(client.client_secret).waitFor();
  await page.evaluate(() => dispatchEvent(new Event("blur")));
  await page.getByText(client.client_secret).waitFor({ state: "detached" });
});

it("copies the secret without showing it", async () => {
  const { page, client } = here;
  await credentials();
  await page.getByRole("button", { name: `Copy ${NAME}` }).click();
  await eventually(() => page.evaluate((secret) => navigator.clipboard.readText().then((text) => text === secret), client.client_secret), "the secret on the clipboard");
  assert.ok(!(await page.content()).includes(client.client_secret));
});

it("rotates the secret: the new one gets tokens, the old one does not, and the dialog warns until it is copied", async () => {
  const { page, server, client } = here;
  await credentials();
  await page.getByRole("button", { name: "Rotate secret" }).click();
  const confirm = page.getByRole("dialog", { name: "Rotate the secret of nightly-job?" });
  await confirm.getByText("Both secrets work until").waitFor();
  await confirm.getByRole("radio", { name: "Stops at once" }).check();
  await confirm.getByText("stops working at once").waitFor();
  await confirm.getByRole("button", { name: "Rotate secret" }).click();
  const shown = page.getByRole("dialog", { name: "New client secret" });
  await shown.waitFor();
  await page.mouse.click(5, 5);
  assert.equal(await shown.count(), 1, "a click outside does not close it");
  await shown.getByRole("button", { name: "Close", exact: true }).last().click();
  await shown.getByText("You have not copied it yet.").waitFor();
  await shown.getByRole("button", { name: `Copy ${NAME}` }).click();
  const secret = await eventually(async () => {
    const text = await page.evaluate(() => navigator.clipboard.readText());
    return text !== client.client_secret && text;
  }, "the new secret on the clipboard");
  await shown.getByRole("button", { name: "Close", exact: true }).last().click();
  await shown.waitFor({ state: "detached" });
  assert.equal(secret, await secretNow());
  assert.equal((await server.token(client.client_id, secret, here.api.identifier)).status, 200);
  assert.equal((await server.token(client.client_id, client.client_secret, here.api.identifier)).status, 401);
});

it("rotates with an hour of grace: both secrets get tokens, until the old one is retired", async () => {
  const { page, server, client, faults } = here;
  const old = await secretNow();
  await credentials();
  await page.getByRole("button", { name: "Rotate secret" }).click();
  const confirm = page.getByRole("dialog", { name: "Rotate the secret of nightly-job?" });
  await confirm.getByRole("radio", { name: "Good for 1 hour" }).check();
  await confirm.getByRole("button", { name: "Rotate secret" }).click();
  const shown = page.getByRole("dialog", { name: "New client secret" });
  await shown.getByText("The old secret works until").waitFor();
  await shown.getByRole("button", { name: `Copy ${NAME}` }).click();
  await shown.getByRole("button", { name: "Close", exact: true }).last().click();
  const ask = async (secret) => (await server.token(client.client_id, secret, here.api.identifier)).status;
  assert.deepEqual([await ask(await secretNow()), await ask(old)], [200, 200]);
  const table = page.getByRole("table", { name: "Client secrets" });
  const kept = table.getByRole("row").filter({ hasText: "Replaced" });
  await kept.getByText(/in (1 h|59 min)/).waitFor();

  // Its use is written down a moment after it.
  const uses = async () => (await server.api(`/api/x/clients/${client.client_id}/secrets`)).secrets.find(({ is_primary }) => !is_primary).last_used;
  await eventually(uses, "the last use of the old secret");
  await credentials();
  await kept.getByText("from 127.0.0.1").waitFor();
  await kept.getByRole("button", { name: /^Actions of/ }).click();
  await page.getByRole("menuitem", { name: "Retire secret" }).click();
  const retire = page.getByRole("dialog", { name: /^Retire Replaced/ });
  faults.allow(/status of 409/);
  await retire.getByRole("button", { name: "Retire secret" }).click();
  await retire.getByText(/nightly-job proved itself with it/).waitFor();
  assert.equal(await ask(old), 200);
  await retire.getByRole("button", { name: "Retire all the same" }).click();
  await eventually(async () => (await ask(old)) === 401, "the old secret to be refused");
  await kept.waitFor({ state: "detached" });
  assert.equal(await ask(await secretNow()), 200);
});

it("adds a named secret that is shown once, and one that is not good yet", async () => {
  const { page, server, client } = here;
  await credentials();
  const add = async (name, more = async () => {}) => {
    await page.getByRole("button", { name: "Add secret" }).click();
    const dialog = page.getByRole("dialog", { name: "Add secret" });
    await dialog.getByRole("button", { name: "Add secret" }).click();
    await dialog.getByText("Enter a name.").waitFor();
    await dialog.getByLabel("Name").fill(name);
    await more(dialog);
    await dialog.getByRole("button", { name: "Add secret" }).click();
    const shown = page.getByRole("dialog", { name: `Secret ${name}` });
    await shown.getByText("It will not be shown again.").waitFor();
    const secret = await shown.locator("code").first().innerText();
    await shown.getByRole("button", { name: `Copy ${NAME}` }).click();
    await shown.getByRole("button", { name: "Close", exact: true }).last().click();
    return secret;
  };
  const now = await add("web-2");
  const later = await add("web-3", async (dialog) => {
    await dialog.getByLabel("Good from", { exact: true }).selectOption({ label: "Tomorrow" });
    await dialog.getByLabel("Expires", { exact: true }).selectOption({ label: "In 180 days" });
  });
  const row = (name) => page.getByRole("table", { name: "Client secrets" }).getByRole("row").filter({ hasText: name });
  await row("web-2").getByText("active").waitFor();
  await row("web-3").getByText("not yet").waitFor();
  assert.equal((await server.token(client.client_id, now, here.api.identifier)).status, 200);
  assert.equal((await server.token(client.client_id, later, here.api.identifier)).status, 401);
});

it("tells on the list when the secret was last used", async () => {
  const { page, server } = here;
  const fresh = await server.api("/api/v2/clients", { body: { name: "newcomer", app_type: "non_interactive", grant_types: ["client_credentials"] } });
  await server.api("/api/v2/client-grants", { body: { client_id: fresh.client_id, audience: here.api.identifier, scope: [] } });
  const row = page.getByRole("table", { name: "Applications" }).getByRole("row").filter({ hasText: "newcomer" });
  await open(page, "/applications");
  await row.getByText("never").waitFor();
  await server.token(fresh.client_id, fresh.client_secret, here.api.identifier);
  await open(page, "/applications");
  await row.locator("time").waitFor();
});

it("lists an added key with its ID, algorithm and expiry, and refuses what is none beside the field", async () => {
  const { page, server } = here;
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = (key, type) => key.export({ type, format: "pem" });
  await credentials();
  await page.getByRole("button", { name: "Add key" }).click();
  const dialog = page.getByRole("dialog", { name: "Add key" });
  const field = dialog.getByLabel("Public key (PEM)");
  const add = dialog.getByRole("button", { name: "Add key" });
  for (const [text, words] of [["nothing of the kind", "This is no PEM public key or certificate."], [pem(privateKey, "pkcs8"), "This is a private key."]]) {
    await field.fill(text);
    await add.click();
    await dialog.getByText(words).waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
  }
  await dialog.getByLabel("Name").fill("nightly 2026");
  await field.fill(pem(publicKey, "spki"));
  await dialog.getByRole("combobox", { name: "Algorithm" }).selectOption("PS256");
  await dialog.getByRole("combobox", { name: "Expires" }).selectOption({ label: "In 180 days" });
  await add.click();
  const row = page.getByRole("table", { name: "Keys and certificates" }).getByRole("row").filter({ hasText: "nightly 2026" });
  await row.waitFor();
  const [key] = await server.api(`/api/v2/clients/${here.client_id}/credentials`);
  assert.equal(key.alg, "PS256");
  const days = (Date.parse(key.expires_at) - Date.now()) / 86_400_000;
  assert.ok(days > 179 && days < 181, `${days} days`);
  const cells = await row.getByRole("cell").allInnerTexts();
  assert.ok(cells.some((cell) => cell.includes("PS256")) && cells.some((cell) => cell.includes(key.kid.slice(0, 6))), cells.join(" | "));
});

it("takes a certificate, lets the application prove itself with keys only, and changes back", async () => {
  const { page, server } = here;
  const folder = mkdtempSync(join(tmpdir(), "countersign-certificate-"));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "30", "-subj", "/CN=nightly"], { stdio: "ignore" });
  await credentials();
  assert.ok(await page.getByRole("radio", { name: "mTLS (self-signed)" }).isDisabled());
  await page.getByRole("button", { name: "Add key" }).click();
  const dialog = page.getByRole("dialog", { name: "Add key" });
  await dialog.getByRole("radio", { name: "Certificate", exact: true }).check();
  await dialog.getByLabel("Name").fill("its own certificate");
  await dialog.getByLabel("Certificate (PEM)").fill(readFileSync(certificate, "utf8"));
  await dialog.getByRole("button", { name: "Add key" }).click();
  const row = page.getByRole("table", { name: "Keys and certificates" }).getByRole("row").filter({ hasText: "its own certificate" });
  await row.waitFor();
  const [stored] = (await server.api(`/api/v2/clients/${here.client_id}/credentials`)).filter(({ credential_type }) => credential_type === "x509_cert");
  assert.ok((Date.parse(stored.expires_at) - Date.now()) / 86_400_000 < 31);
  await row.getByText(stored.thumbprint_sha256.slice(0, 6)).waitFor();

  await page.getByRole("radio", { name: "Private Key JWT" }).click();
  const confirm = page.getByRole("dialog", { name: "Change to Private Key JWT?" });
  await confirm.getByRole("button", { name: "Change method" }).click();
  await confirm.waitFor({ state: "detached" });
  await page.getByText("The application proves itself without its secrets.").waitFor();
  assert.ok((await server.api(`/api/v2/clients/${here.client_id}`)).client_authentication_methods.private_key_jwt);
  await page.getByRole("radio", { name: "Client Secret (Post)" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Change method" }).click();
  await page.getByText("Each is good by itself").waitFor();
});

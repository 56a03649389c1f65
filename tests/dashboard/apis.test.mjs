// APIs, their permissions and who may have them, Test and the inspector: checklist 78 to 87.
import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { it } from "node:test";
import { expectChecks } from "./support/inspector.mjs";
import { open } from "./support/pages.mjs";
import { machine, makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });

const at = (tab) => open(here.page, `/apis/${here.api_id}/${tab}`);
const dialog = () => here.page.getByRole("dialog");
const stored = () => here.server.api(`/api/v2/resource-servers/${here.api_id}`);
const scopes = async () => (await stored()).scopes.map(({ value }) => value);
const result = () => here.page.getByRole("region", { name: "Answer" });

it("refuses an identifier that is in use beside the field; afterwards it cannot be changed", async () => {
  const { page, faults } = here;
  await open(page, "/apis?create=1");
  await dialog().getByLabel(/^Name/).fill("Orders again");
  const identifier = dialog().getByLabel(/^Identifier/);
  await identifier.fill(here.api.identifier);
  faults.allow(/status of 409/);
  await dialog().getByRole("button", { name: "Create" }).click();
  await dialog().getByText("Another API has this identifier already.").waitFor();
  assert.equal(await identifier.getAttribute("aria-invalid"), "true");
  await at("settings");
  const main = page.getByRole("main");
  await main.getByText("Cannot be changed").waitFor();
  assert.equal(await main.getByRole("textbox", { name: /^Identifier/ }).and(main.locator(":not([readonly]):not([disabled])")).count(), 0);
});

it("refuses reserved names with the reason", async () => {
  const { page } = here;
  await at("permissions");
  const before = await scopes();
  const field = page.getByLabel(/^Permission/).first();
  for (const [name, reason] of [["openid", "openid is reserved: it asks for an ID token"], ["email", "email is reserved"], ["offline_access", "offline_access is reserved"]]) {
    await field.fill(name);
    await field.press("Enter");
    await page.getByText(reason).waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
  }
  assert.deepEqual(await scopes(), before);
});

it("adds five permissions by pasting five lines, in one save", async () => {
  const { page } = here;
  await at("permissions");
  const lines = ["refund:orders", "export:orders", "print:orders", "ship:orders", "cancel:orders"].map((scope) => `${scope}: ${scope.split(":")[0]} an order`);
  await page.evaluate((text) => navigator.clipboard.writeText(text), lines.join("\n"));
  await page.getByLabel(/^Permission/).first().focus();
  await page.keyboard.press("Control+V");
  const writes = [];
  page.on("request", (request) => request.method() === "PATCH" && writes.push(request.url()));
  await dialog().getByRole("button", { name: "Save 5 permissions" }).click();
  await dialog().waitFor({ state: "detached" });
  page.removeAllListeners("request");
  assert.equal(writes.length, 1);
  const after = await stored();
  assert.equal(after.scopes.length, 9);
  assert.equal(after.scopes.at(-1).description, "cancel an order");
});

it("names who holds a permission before it is deleted", async () => {
  const { page } = here;
  await at("permissions");
  await page.getByRole("button", { name: "Delete list:orders" }).click();
  await dialog().getByText("One application holds it:").waitFor();
  await dialog().getByText("nightly-job").waitFor();
  await dialog().getByRole("button", { name: "Delete permission" }).click();
  await dialog().waitFor({ state: "detached" });
  assert.ok(!(await scopes()).includes("list:orders"));
  await page.getByRole("button", { name: "Undo" }).click();
  await eventually(async () => (await scopes())[1] === "list:orders", "the permission’s return");
});

it("authorizes an application, and its grant works in Test at once", async () => {
  const { page } = here;
  await at("applications");
  await page.getByRole("switch", { name: /reports/ }).click();
  const picker = page.getByRole("group", { name: "Permissions of reports" });
  await picker.getByRole("checkbox", { name: /^read:orders/ }).check();
  await page.getByRole("button", { name: "Update" }).click();
  await page.getByRole("listitem").filter({ hasText: "reports" }).locator(".held").getByText("1 of 9 permissions").waitFor();
  await page.getByRole("link", { name: "Test", exact: true }).last().click();
  await page.getByRole("button", { name: "Get token" }).click();
  await result().getByText("200").waitFor();
  await expectChecks(result());
});

it("gets a real token with the ticked permissions only, and links its log event", async () => {
  const { page, server } = here;
  await open(page, `/apis/${here.api_id}/test?client=${here.client_id}`);
  const picker = page.getByRole("group", { name: "Permissions", exact: true });
  await picker.getByRole("checkbox", { name: /^list:orders/ }).uncheck();
  await page.getByRole("radio", { name: "As a real call" }).check();
  await page.getByRole("button", { name: "Get token" }).click();
  await expectChecks(result());
  const log = result().getByRole("link", { name: "Log event" });
  const id = decodeURIComponent((await log.getAttribute("href")).split("/").at(-1));
  const event = await server.api(`/api/v2/logs/${id}`);
  assert.deepEqual([event.type, event.client_id, event.scope], ["seccft", here.client_id, "read:orders"]);
});

it("tells why a request was refused, and mends it in place", async () => {
  const { page, server, faults } = here;
  const newcomer = await server.api("/api/v2/clients", { body: machine("newcomer") });
  await open(page, `/apis/${here.api_id}/test?client=${newcomer.client_id}`);
  faults.allow(/status of 40[013]/);
  await page.getByRole("button", { name: "Get token" }).click();
  await result().getByText("newcomer is not authorized for this API").waitFor();
  await result().getByRole("button", { name: "Authorize now" }).click();
  await expectChecks(result());
  assert.equal((await server.api(`/api/v2/client-grants?client_id=${newcomer.client_id}`)).length, 1);
});

it("states the tokens of the last 24 hours and when the last one ends, before access is removed", async () => {
  const { page, server, client } = here;
  await at("applications");
  await page.getByRole("switch", { name: /nightly-job/ }).click();
  await dialog().getByText(/^nightly-job got \d+ tokens for this API in the last 24 hours\.$/).waitFor();
  await dialog().getByText(/are revoked\. .* the last one /).waitFor();
  await dialog().getByRole("button", { name: "Remove access" }).click();
  await dialog().waitFor({ state: "detached" });
  assert.equal((await server.token(client.client_id, client.client_secret, here.api.identifier)).status, 403);
  await page.getByRole("button", { name: "Undo" }).click();
  await eventually(async () => (await server.token(client.client_id, client.client_secret, here.api.identifier)).status === 200, "the access’s return");
});

it("marks an expired, a wrong audience’s, a wrong issuer’s and a badly signed token each on its own line", async () => {
  const { page, server, client } = here;
  const identifier = here.api.identifier;
  const { body: { access_token: good } } = await server.token(client.client_id, client.client_secret, identifier);
  const brief = await server.api("/api/v2/resource-servers", { body: { name: "Brief API", identifier: "https://brief.example", token_lifetime: 1, token_lifetime_for_web: 1 } });
  await server.api("/api/v2/client-grants", { body: { client_id: client.client_id, audience: brief.identifier, scope: [] } });
  const { body: { access_token: stale } } = await server.token(client.client_id, client.client_secret, brief.identifier);
  const [header, payload, signature] = good.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  const foreign = signed({ ...claims, iss: "https://elsewhere.example/" }, JSON.parse(Buffer.from(header, "base64url")));
  const flipped = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;

  await open(page, "/inspector");
  const inspect = async (token, audience, failed) => {
    await page.getByRole("combobox", { name: "Check against API" }).selectOption(audience);
    await page.getByRole("textbox", { name: "Token", exact: true }).fill(token);
    await expectChecks(page.getByRole("main"), failed);
  };
  await inspect(good, identifier, []);
  await inspect(`${header}.${payload}.${flipped}`, identifier, ["Signature"]);
  await inspect(good, "https://brief.example", ["Audience"]);
  await inspect(foreign, identifier, ["Signature", "Issuer"]);
  await eventually(() => Date.now() / 1000 > JSON.parse(Buffer.from(stale.split(".")[1], "base64url")).exp + 1, "its end");
  await inspect(stale, "https://brief.example", ["Time"]);
});

it("runs the Management API in the explorer with the rights of who is signed in, without a token", async () => {
  const { page, server } = here;
  const { id } = (await server.api("/api/v2/resource-servers")).find(({ is_system }) => is_system);
  await open(page, `/apis/${id}/explorer`);
  const form = page.getByRole("form", { name: "Request" });
  await form.getByLabel("Path").fill("/api/v2/clients?fields=name&include_fields=true");
  await form.getByRole("button", { name: "Run" }).click();
  const answer = page.getByRole("region", { name: "Answer" });
  await answer.getByRole("status").getByText("200").waitFor();
  assert.ok((await answer.innerText()).includes("nightly-job"));
  assert.doesNotMatch(await page.content(), /eyJ[\w-]{20}/);
});

/** A token that says it is of another issuer, signed by nobody we know. */
function signed(claims, header) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
}

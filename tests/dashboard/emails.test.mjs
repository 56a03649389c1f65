// Mails: who delivers them, what they say, and the mailbox.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { it } from "node:test";
import { makeShop } from "./support/hosted.mjs";
import { typeOver } from "./support/keyboard.mjs";
import { open } from "./support/pages.mjs";
import { eventually } from "./support/server.mjs";
import { joinAs } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const ANN = "ann@example.com";
const CONNECTION = "Username-Password-Authentication";

// The mail servers of these tests are on this machine, where a tenant may send nothing unless it is said.
process.env.COUNTERSIGN_OUTBOUND_ALLOW = '["127.0.0.0/8"]';

const here = world({
  prepare: async (server) => {
    const shop = await makeShop(server);
    await server.api("/api/v2/users", { body: { connection: CONNECTION, email: ANN, password: "Correct horse, battery 9", name: "Ann", verify_email: false } });
    return { shop };
  },
});

const bar = () => here.page.getByRole("region", { name: "Unsaved changes" });
const dialog = () => here.page.getByRole("dialog");
const preview = () => here.page.frameLocator("iframe");
const mails = async () => (await here.server.api("/api/x/mailbox")).mails;

async function save() {
  await here.page.keyboard.press("Control+S");
  await bar().waitFor({ state: "detached" });
}

/** Has the server send the mail under which a password is chosen. */
const forget = () =>
  here.server.fetch("/dbconnections/change_password", {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ client_id: here.shop.client_id, email: ANN, connection: CONNECTION }),
  });

/** A mail server that takes everything, but for what it is told to refuse. */
async function mailServer({ refuses = false } = {}) {
  const taken = [];
  const server = createServer((socket) => {
    let [isData, mail] = [false, ""];
    socket.write("220 sink\r\n");
    socket.setEncoding("utf8").on("error", () => {}).on("data", (text) => {
      for (const line of text.split("\r\n").slice(0, -1)) {
        if (isData && line !== ".") mail += `${line}\n`;
        else if (isData) { isData = false; taken.push(mail); mail = ""; socket.write("250 taken\r\n"); }
        else if (line.startsWith("EHLO")) socket.write("250-sink\r\n250 AUTH PLAIN LOGIN\r\n");
        else if (line.startsWith("AUTH")) socket.write("235 come in\r\n");
        else if (line.startsWith("RCPT") && refuses) socket.write("550 nobody of this name\r\n");
        else if (line === "DATA") { isData = true; socket.write("354 go on\r\n"); }
        else if (line === "QUIT") socket.end("221 bye\r\n");
        else socket.write("250 well\r\n");
      }
    });
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { port: server.address().port, taken, close: () => server.close() };
}

it("leads to the mailbox while nobody delivers, and keeps a test message there", async () => {
  const { page } = here;
  await open(page, "/emails/provider");
  await page.getByText("Nothing is delivered yet").waitFor();
  await page.getByLabel("Send it to").fill("nobody");
  await page.getByRole("button", { name: "Send a test message" }).click();
  await page.getByText("Enter an address.").waitFor();
  await page.getByLabel("Send it to").fill(ANN);
  await page.getByRole("button", { name: "Send a test message" }).click();
  await page.getByText("the message lies in the mailbox").waitFor();
  await page.getByRole("link", { name: "Open the mailbox" }).last().click();
  await page.getByRole("table", { name: "Mails" }).getByText(ANN).waitFor();
});

it("words a mail, shows it filled in, and the mail that comes says so", async () => {
  const { page, server } = here;
  await open(page, "/emails/templates");
  const row = page.getByRole("row").filter({ hasText: "Change password, with a link" }).first();
  await row.getByText("ours").waitFor();
  await row.getByRole("link").click();
  await preview().getByText("Acme").or(preview().locator("a.button")).first().waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Write your own" }).click();
  await page.getByLabel("Subject").fill("Another password, {{ user.name | escape }}");
  const body = page.getByRole("textbox", { name: "Body in HTML with Liquid" });
  await typeOver(page, body, "<p class=\"own\">Hello {{ user.email }}</p><a href=\"{{ url }}\">Choose</a>");
  await page.getByText("Another password, Ann Example").waitFor();
  await preview().locator(".own").getByText("Hello ann@example.com").waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Plain text" }).click();
  await page.getByLabel("Plain text").getByText(/Hello ann@example.com/).waitFor();
  await page.getByLabel("Good for", { exact: true }).fill("2");
  await save();
  const stored = await server.api("/api/v2/email-templates/reset_email");
  assert.deepEqual([stored.subject, stored.urlLifetimeInSeconds, stored.enabled], ["Another password, {{ user.name | escape }}", 172_800, true]);
  await forget();
  await eventually(async () => (await mails()).some(({ subject }) => subject === "Another password, Ann"), "the mail");
  await open(page, "/emails/mailbox");
  await page.getByRole("button", { name: "Open “Another password, Ann”" }).click();
  await dialog().getByText("kept").waitFor();
  const link = dialog().getByRole("link", { name: "Open the link" });
  assert.match(await link.getAttribute("href"), /\/u\/reset-verify\?ticket=/);
  await page.frameLocator('iframe[title^="The mail"]').locator(".own").getByText(`Hello ${ANN}`).waitFor({ state: "attached" });
  await dialog().getByRole("button", { name: "Delete" }).click();
  await dialog().waitFor({ state: "detached" });
  assert.ok(!(await mails()).some(({ subject }) => subject === "Another password, Ann"));
});

it("tells what is no template, and what cannot be filled in", async () => {
  const { page, faults } = here;
  await open(page, "/emails/templates/reset_email");
  const body = page.getByRole("textbox", { name: "Body in HTML with Liquid" });
  faults.allow(/status of 400/);
  await typeOver(page, body, "{% if %}");
  await page.getByText("The server does not take it:").waitFor();
  await page.keyboard.press("Control+S");
  await bar().getByText("Not a valid Liquid template").waitFor();
  await typeOver(page, body, "{% for a in (1..9999) %}{% for b in (1..9999) %}x{% endfor %}{% endfor %}");
  await page.getByText("It cannot be filled in, so people would get our words:").waitFor();
  await bar().getByRole("button", { name: "Discard" }).click();
});

it("goes back to our words, and switches a mail off", async () => {
  const { page, server } = here;
  await open(page, "/emails/templates/reset_email");
  await page.getByRole("button", { name: "Reset to our words" }).click();
  await dialog().getByRole("button", { name: "Reset to our words" }).click();
  await page.getByText("The message comes in our words").waitFor();
  assert.ok(!(await server.api("/api/v2/email-templates/reset_email")).body);
  await page.getByRole("switch", { name: "Send this mail" }).click();
  await save();
  await open(page, "/emails/templates");
  await page.getByRole("row").filter({ hasText: "Change password, with a link" }).first().getByText("not sent").waitFor();
  const before = (await mails()).length;
  await forget();
  // What is asked for is sent beside the answer.
  await page.waitForTimeout(1000);
  assert.equal((await mails()).length, before);
  await server.api("/api/v2/email-templates/reset_email", { method: "PATCH", body: { enabled: true } });
  await forget();
  await eventually(async () => (await mails()).length > before, "the mail that is sent again");
  assert.equal((await mails()).length, before + 1);
});

it("delivers over a mail server, tests it, and never shows the password again", async () => {
  const { page, server } = here;
  const sink = await mailServer();
  await open(page, "/emails/provider");
  await page.getByRole("radio", { name: "SMTP" }).check();
  await page.getByLabel("From").fill("nobody");
  await page.keyboard.press("Control+S");
  await page.getByText("Enter an address, such as no-reply@shop.example.").waitFor();
  await page.getByLabel("From").fill("Shop <no-reply@shop.example>");
  await page.getByLabel("Host").fill("127.0.0.1");
  await page.getByLabel("Port").fill(String(sink.port));
  await page.getByLabel("User name").fill("shop");
  await page.getByLabel("Password").fill("s3cr3t-pass");
  await page.getByRole("button", { name: "Review" }).click();
  await dialog().getByText("smtp_host").first().waitFor();
  assert.ok(!(await dialog().innerText()).includes("s3cr3t-pass"));
  await page.keyboard.press("Escape");
  await save();
  await page.getByLabel("Send it to").fill(ANN);
  await page.getByRole("button", { name: "Send a test message" }).click();
  await page.getByText(`The provider took a message to ${ANN}.`).waitFor();
  assert.equal(sink.taken.length, 1);
  assert.match(sink.taken[0], /no-reply@shop\.example/);
  await open(page, "/emails/provider");
  assert.equal(await page.getByLabel("Password").inputValue(), "");
  assert.ok(!(await page.content()).includes("s3cr3t-pass"));
  await page.getByLabel("User name").fill("other");
  await page.keyboard.press("Control+S");
  await page.getByText("Type it again").waitFor();
  await bar().getByRole("button", { name: "Discard" }).click();
  sink.close();
  const refusing = await mailServer({ refuses: true });
  await server.api("/api/v2/emails/provider", { method: "PATCH", body: { credentials: { smtp_host: "127.0.0.1", smtp_port: refusing.port } } });
  await open(page, "/emails/provider");
  await page.getByLabel("Send it to").fill(ANN);
  await page.getByRole("button", { name: "Send a test message" }).click();
  await page.getByText("It was not delivered:").waitFor();
  refusing.close();
});

it("switches the provider off without asking for the password, and deletes it", async () => {
  const { page, server } = here;
  await open(page, "/emails/provider");
  await page.getByRole("switch", { name: "Deliver mails" }).click();
  await save();
  await page.getByText("The provider is switched off: mails lie in the mailbox.").waitFor();
  assert.equal((await server.api("/api/v2/emails/provider")).enabled, false);
  await page.getByRole("button", { name: "Delete provider" }).click();
  await dialog().getByRole("button", { name: "Delete provider" }).click();
  await page.getByText("Nothing is delivered yet").waitFor();
  assert.equal((await server.api("/api/v2/emails/provider", { expect: false })).status, 404);
});

it("empties the mailbox, and shows it to nobody but admins", async () => {
  const { page } = here;
  await open(page, "/emails/mailbox");
  await page.getByRole("button", { name: "Empty the mailbox" }).click();
  await dialog().getByRole("button", { name: "Empty the mailbox" }).click();
  await page.getByRole("heading", { name: "The mailbox is empty" }).waitFor();
  const { context, page: other } = await joinAs(here, "vera@acme.example", ["editor_tenant"]);
  await open(other, "/emails/mailbox");
  await other.getByText("only an Admin looks into the mailbox").waitFor();
  await context.close();
});

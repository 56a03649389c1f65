// The log, followed and searched, and the plots of usage: checklist 88 to 91, 93 to 96.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { open } from "./support/pages.mjs";
import { makeSample } from "./support/sample.mjs";
import { eventually } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const here = world({ prepare: makeSample });

const rows = () => here.page.getByRole("table", { name: "Log events" }).locator("[data-id]");
const search = () => here.page.getByRole("textbox", { name: "Search the log" });
const fail = () => here.server.token(here.client_id, "wrong", here.api.identifier);

it("shows a refused request within two seconds while live, without moving the row that has the focus", async () => {
  const { page } = here;
  for (let count = 0; count < 30; count++) await fail();
  await open(page, "/logs");
  await rows().nth(3).waitFor();
  await page.getByRole("button", { name: "Live", exact: true }).click();
  await page.locator(".dot.on").first().waitFor();
  const row = rows().nth(3);
  const id = await row.getAttribute("data-id");
  await row.getByRole("link").focus();
  const place = () => page.locator(`[data-id="${id}"]`).evaluate((element) => Math.round(element.getBoundingClientRect().top));
  const before = await place();
  const began = Date.now();
  await fail();
  await page.getByRole("button", { name: "1 new" }).waitFor();
  assert.ok(Date.now() - began < 2000, `${Date.now() - began} ms`);
  assert.equal(await place(), before);
  assert.equal(await page.evaluate(() => document.activeElement.closest("[data-id]").dataset.id), id);
});

it("opens an event with summary and JSON; the arrows walk through events; its address opens the same one", async () => {
  const { page } = here;
  await open(page, "/logs");
  const ids = await rows().evaluateAll((elements) => elements.map(({ dataset }) => dataset.id));
  await rows().first().getByRole("link").click();
  const drawer = page.getByRole("dialog");
  await drawer.getByRole("heading", { name: "Summary" }).waitFor();
  await drawer.getByRole("heading", { name: "Related events" }).waitFor();
  await drawer.getByRole("button", { name: "Copy event as JSON" }).click();
  const shown = () => drawer.getByRole("group", { name: "event as JSON" }).innerText().then((text) => JSON.parse(text).log_id);
  assert.equal(await shown(), ids[0]);
  await eventually(async () => JSON.parse(await page.evaluate(() => navigator.clipboard.readText())).log_id === ids[0], "the event on the clipboard");
  await page.keyboard.press("ArrowDown");
  await eventually(async () => (await shown()) === ids[1], "the older event");
  await page.keyboard.press("ArrowUp");
  await eventually(async () => (await shown()) === ids[0], "the newer event");
  const address = page.url();
  assert.ok(address.includes(ids[0]), address);
  await page.goto(address);
  await eventually(async () => (await shown().catch(() => "")) === ids[0], "the same event");
});

it("filters by type and client, and shows where a query is wrong with the old results kept", async () => {
  const { page } = here;
  await open(page, "/logs");
  await rows().first().waitFor();
  const kinds = () => rows().locator(".log-kind").allInnerTexts();
  await search().fill("type:seccft");
  await search().press("Enter");
  await eventually(async () => (await kinds()).length > 0 && (await kinds()).every((kind) => /Token issued/.test(kind)), "issued tokens alone");
  await search().fill(`client_id:"${here.stranger.client_id}"`);
  await search().press("Enter");
  await eventually(async () => (await rows().count()) > 0 && (await rows().locator(".log-client").allInnerTexts()).every((name) => /reports/.test(name)), "one application’s events");
  const before = await rows().count();
  await search().fill("type:(seccft");
  await search().press("Enter");
  await page.getByRole("alert").getByText("This bracket is not closed.").waitFor();
  assert.match(await page.locator(".query-where mark").innerText(), /^\(/);
  assert.equal(await search().getAttribute("aria-invalid"), "true");
  assert.equal(await rows().count(), before);
});

it("says in words what was wrong with a bad secret", async () => {
  const { page, server } = here;
  const events = await server.api(`/api/v2/logs?q=${encodeURIComponent(`type:feccft AND client_id:"${here.client_id}"`)}`);
  await open(page, `/logs/${events[0].log_id}`);
  await page.getByRole("dialog").getByText("The client secret did not match.").waitFor();
  await page.getByRole("dialog").getByRole("link", { name: "Credentials" }).waitFor();
});

it("narrows time and table by the histogram, with the arrow keys and by dragging", async () => {
  const { page } = here;
  for (const way of ["keys", "mouse"]) {
    await open(page, "/logs?range=1h");
    const chart = page.getByRole("application", { name: "Events over time" });
    await rows().first().waitFor();
    if (way === "keys") {
      await chart.focus();
      await page.keyboard.press("End");
      for (let step = 0; step < 4; step++) await page.keyboard.press("Shift+ArrowLeft");
      await page.keyboard.press("Enter");
    } else {
      const { x, y, width, height } = await chart.boundingBox();
      await page.mouse.move(x + width * 0.9, y + height / 2);
      await page.mouse.down();
      await page.mouse.move(x + width * 0.95, y + height / 2, { steps: 4 });
      await page.mouse.up();
    }
    await page.waitForURL(/from=.*to=|to=.*from=/);
    await page.getByRole("list", { name: "Filters in use" }).getByText("time").waitFor();
  }
});

it("exports what is filtered as JSON lines and as CSV", async () => {
  const { page } = here;
  await open(page, "/logs?q=type%3Aseccft");
  await rows().first().waitFor();
  const count = await rows().count();
  const exported = async (form) => {
    await page.getByRole("button", { name: "Export" }).click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: form }).click()]);
    return readFileSync(await download.path(), "utf8").trim().split("\n");
  };
  const lines = (await exported("JSON lines")).map((line) => JSON.parse(line));
  assert.equal(lines.length, count);
  assert.ok(lines.every(({ type }) => type === "seccft"));
  const [head, ...rest] = await exported("CSV");
  assert.match(head, /date.*type/);
  assert.equal(rest.length, count);
});

it("says each chart in words and shows its numbers as a table", async () => {
  const { page } = here;
  for (const path of ["/usage", "/", "/logs", `/applications/${here.client_id}/usage`, `/apis/${here.api_id}/usage`]) {
    await open(page, path);
    const buttons = page.getByRole("button", { name: /^Show as table/ });
    await buttons.first().waitFor();
    const count = await buttons.count();
    for (let index = 0; index < count; index++) {
      const figure = page.getByRole("figure").or(page.locator(".log-histogram, .chart")).filter({ has: page.getByRole("button", { name: /^Show as (table|chart)/ }) }).nth(index);
      const words = await figure.evaluate((element) => element.textContent);
      assert.match(words, /\d/, `${path}: the chart says its numbers`);
    }
    await buttons.first().click();
    await page.getByRole("button", { name: /^Show as chart/ }).first().waitFor();
    await page.getByRole("main").getByRole("table").first().waitFor();
  }
});

it("has a token in the chart of Usage within a minute", async () => {
  const { page, server, client } = here;
  const issued = async () => {
    await open(page, "/usage");
    const text = await page.getByRole("main").innerText();
    return Number(text.match(/(?:Issued|Tokens issued)\s+([\d,]+)/i)?.[1].replaceAll(",", ""));
  };
  const before = await issued();
  await server.token(client.client_id, client.client_secret, here.api.identifier);
  await eventually(async () => (await issued()) === before + 1, "the token in the chart", 60_000);
});

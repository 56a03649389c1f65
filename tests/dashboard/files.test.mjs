// The built files: the same for whoever asks, in the smallest form that they take.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, it } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { startServer } from "./support/server.mjs";

const UNPACK = { br: brotliDecompressSync, gzip: gunzipSync, undefined: (bytes) => bytes };
let server, names;

before(async () => {
  server = await startServer();
  const page = await (await server.fetch("/dashboard/")).text();
  names = [...page.matchAll(/(?:src|href)="(\/dashboard\/[^"]+\.\w+)"/g)].map(([, name]) => name);
});
after(() => server?.stop());

/** What is sent, as it is sent. */
const get = (path, coding) => new Promise((resolve, reject) => {
  const asked = http.get(server.http + path, { headers: { "accept-encoding": coding } }, async (answer) => {
    const chunks = await answer.toArray();
    resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) });
  });
  asked.on("error", reject);
});

it("are the same in every form", async () => {
  assert.ok(names.some((name) => name.endsWith(".js")) && names.some((name) => name.endsWith(".css")), names.join(" "));
  for (const name of names) {
    const type = { js: "text/javascript", css: "text/css", svg: "image/svg+xml" }[name.split(".").at(-1)];
    const bodies = [];
    for (const [takes, coding] of [["gzip, br", "br"], ["gzip", "gzip"], ["br;q=0, gzip;q=0", undefined], ["identity", undefined]]) {
      const { status, headers, body } = await get(name, takes);
      assert.deepEqual([status, headers["content-encoding"], headers["content-type"], headers.vary], [200, coding, type, "accept-encoding"], name);
      bodies.push(UNPACK[coding](body).toString());
    }
    assert.ok(bodies[0].length > 0 && bodies.every((body) => body === bodies[0]), name);
  }
});

it("are missing where no build made them", async () => {
  const asset = names.find((name) => name.startsWith("/dashboard/assets/"));
  for (const path of ["/dashboard/assets/index-00000000.js", `${asset}.br`, `${asset}.gz`]) {
    assert.equal((await get(path, "br")).status, 404, path);
  }
});

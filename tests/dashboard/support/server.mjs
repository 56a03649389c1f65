// A server of its own for each file of tests: fresh data, free ports, stopped by its process id whatever happens.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const binary = process.env.SERVER_BINARY;
const running = new Set();
process.on("exit", () => running.forEach((server) => server.end("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(143));

export async function startServer({ words = [], env = {} } = {}) {
  assert.ok(binary, "SERVER_BINARY is not set: start the suite with tests/dashboard/run");
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-dashboard-"));
  const server = new Server(dataDir, words, env);
  try {
    await server.announced();
  } catch (error) {
    await server.stop();
    throw new Error(`${error.message}\n${server.output}`);
  }
  return server;
}

class Server {
  output = "";
  #token;

  constructor(dataDir, words, env) {
    Object.assign(this, { dataDir, words, env });
    this.#begin();
  }

  #begin() {
    const listen = ["--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"];
    this.process = spawn(binary, ["serve", "--data-dir", this.dataDir, ...listen, ...this.words], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...this.env } });
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on("data", (data) => (this.output += data));
    this.ended = new Promise((resolve) => this.process.on("close", resolve));
    running.add(this);
  }

  async announced(patience = 60_000) {
    for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(50)) {
      if (this.process.exitCode !== null) throw new Error(`the server ended with ${this.process.exitCode} before it served`);
      try {
        const { issuer, http, ca } = JSON.parse(readFileSync(join(this.dataDir, "run.json"), "utf8"));
        return Object.assign(this, { issuer, origin: issuer.slice(0, -1), http: `http://${http}`, ca });
      } catch {
        // Not written yet.
      }
    }
    throw new Error(`the server wrote no run.json within ${patience} ms`);
  }

  /** The one-time link that a start prints while nobody administers; each makes a new one. */
  async setUpLink() {
    const link = () => this.output.match(/https?:\/\/\S+\/setup\?code=\S+/g)?.find((link) => link.startsWith(this.origin));
    await eventually(link, "a link to /setup in the server's output");
    return link();
  }

  /** A token with every right, as whoever owns the data folder can have it. */
  async ownerToken() {
    this.#token ??= promisify(execFile)(binary, ["admin", "token", "--data-dir", this.dataDir]);
    return (await this.#token).stdout.trim();
  }

  /** What a path of the server answers, without a browser. */
  fetch(path, init) {
    return fetch(`${this.http}${path}`, init);
  }

  /** Asks the Management API as the owner; `body` makes it a POST. */
  async api(path, { body, method = body === undefined ? "GET" : "POST", token, headers = {}, expect = true } = {}) {
    const answer = await this.fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${token ?? (await this.ownerToken())}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    // The key that signed the token may have been revoked meanwhile.
    if (answer.status === 401 && token === undefined && this.#token !== undefined) {
      this.#token = undefined;
      return this.api(path, { body, method, token: await this.ownerToken(), headers, expect });
    }
    const text = await answer.text();
    if (!expect) return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** What `POST /oauth/token` answers to client credentials. */
  async token(client_id, client_secret, audience, { scope, headers = {} } = {}) {
    const answer = await this.fetch("/oauth/token", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ grant_type: "client_credentials", client_id, client_secret, audience, scope }),
    });
    return { status: answer.status, body: await answer.json() };
  }

  /** Trusts the server's own certificate authority. */
  agent() {
    return new https.Agent({ ca: readFileSync(this.ca) });
  }

  end(signal) {
    this.process.kill(signal);
    running.delete(this);
  }

  async #ending() {
    this.end("SIGTERM");
    const forced = setTimeout(() => this.process.kill("SIGKILL"), 10_000);
    await this.ended;
    clearTimeout(forced);
  }

  /** Stops, does something to the data, and starts again on other ports. */
  async restart(meanwhile) {
    await this.#ending();
    rmSync(join(this.dataDir, "run.json"), { force: true });
    await meanwhile(this.dataDir);
    this.#token = undefined;
    this.#begin();
    await this.announced();
  }

  async stop() {
    await this.#ending();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Repeats `probe` until it gives something truthy. */
export async function eventually(probe, what = "it", patience = 10_000) {
  for (const deadline = Date.now() + patience; ; await sleep(50)) {
    const found = await probe();
    if (found) return found;
    assert.ok(Date.now() < deadline, `${what} did not come within ${patience} ms`);
  }
}

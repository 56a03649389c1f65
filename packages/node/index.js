// Starts `countersign dev`, waits for it and speaks its control API. It ends with the process that started it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

import { distrust, trust } from "./trust.js";

/** Starts a server of one's own. */
export async function start({ binary, seed, args = [], env = {}, patience = 30_000, trusted = true } = {}) {
  const program = binary ?? process.env.COUNTERSIGN_BINARY ?? "countersign";
  const words = ["dev", "--json", "--stop-with-stdin", ...(seed ? ["--seed", seed] : []), ...args];
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"], env: { ...unconfigured(), ...env } });
  const run = await announced(child, patience);
  const pem = run.ca && (await readFile(run.ca, "utf8"));
  if (pem && trusted) trust(pem);
  return new Server(child, run, pem);
}

/** The environment without what configures another server. */
function unconfigured() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("COUNTERSIGN_")));
}

/** The line with which the server says where everything is. */
async function announced(child, patience) {
  const said = [];
  child.stderr.on("data", (data) => said.push(data));
  const timer = AbortSignal.timeout(patience);
  const line = once(createInterface({ input: child.stdout }), "line", { signal: timer }).then(([text]) => JSON.parse(text));
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`countersign dev stopped with ${code}: ${Buffer.concat(said).toString().trim()}`);
  });
  ended.catch(() => {});
  line.catch(() => {});
  try {
    const run = await Promise.race([line, ended]);
    child.stderr.removeAllListeners("data");
    child.stderr.on("data", (data) => process.stderr.write(data));
    // None of them keeps alive whoever forgets to stop it; and it ends when its standard input does.
    for (const handle of [child, child.stdin, child.stdout, child.stderr]) handle.unref();
    return run;
  } catch (error) {
    child.kill();
    throw error;
  }
}

class Server {
  #child;
  #call;

  constructor(child, run, pem) {
    this.#child = child;
    this.#call = calls(run.control);
    this.pid = run.pid;
    this.control = run.control;
    /** Path and text of the authority's certificate. */
    this.ca = run.ca;
    this.caPem = pem;
    /** The tenant that is there from the start, and has what the seed says. */
    this.tenant = new Tenant(this.#call, run.tenant);
    /** The clock of the server and of all its tenants. */
    this.clock = new Clock(this.#call, "/clock");
  }

  /** A tenant of one's own: `{ name, audience, scopes, application, seed }`, all of which may be left out. */
  async newTenant(wanted = {}) {
    return new Tenant(this.#call, await this.#call("POST", "/tenants", wanted));
  }

  /** Stops it; nothing is left behind. */
  async stop() {
    if (this.caPem) distrust(this.caPem);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.ref();
    this.#child.stdin.end();
    await ended;
  }

  async [Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]() {
    await this.stop();
  }
}

class Tenant {
  #call;
  #path;

  constructor(call, told) {
    this.#call = call;
    this.#path = `/tenants/${encodeURIComponent(told.name)}`;
    this.name = told.name;
    this.domain = told.domain;
    this.issuer = told.issuer;
    this.tokenEndpoint = told.token_endpoint;
    this.jwksUri = told.jwks_uri;
    /** The same over plain HTTP. */
    this.http = told.http;
    this.clientId = told.client_id;
    this.clientSecret = told.client_secret;
    this.audience = told.audience;
    this.scope = told.scope;
    this.managementAudience = told.management_audience;
    this.clock = new Clock(call, `${this.#path}/clock`);
  }

  /** A token of the tenant's application for its API, as the answer of the token endpoint. */
  async token(parameters = {}) {
    const body = {
      grant_type: "client_credentials",
      client_id: this.clientId,
      client_secret: this.clientSecret,
      audience: this.audience,
      ...parameters,
    };
    const response = await fetch(`${this.http}oauth/token`, { method: "POST", body: new URLSearchParams(body) });
    const answer = await response.json();
    if (!response.ok) {
      const words = answer.error_description ?? answer.error;
      throw Object.assign(new Error(`${response.status}: ${words}`), { status: response.status, answer });
    }
    return answer;
  }

  /** A token for the tenant's Management API with every scope. */
  async managementToken() {
    return (await this.#call("POST", `${this.#path}/management-token`)).access_token;
  }

  /**
   * Lets something go wrong: "status", "latency", "wrong_kid", "expired_token" or "rotated_key", with
   * `{ path, method, times, skip, status, retry_after, body, milliseconds }`.
   */
  async fault(fault, details = {}) {
    return this.#call("POST", `${this.#path}/faults`, { fault, ...details });
  }

  /** The faults that wait. */
  async faults() {
    return (await this.#call("GET", `${this.#path}/faults`)).faults;
  }

  async removeFault(id) {
    await this.#call("DELETE", `${this.#path}/faults/${id}`);
  }

  async clearFaults() {
    await this.#call("DELETE", `${this.#path}/faults`);
  }

  /** Replaces the signing keys by such as were never published before. */
  async rotateKeys() {
    await this.#call("POST", `${this.#path}/rotate-keys`);
  }

  async remove() {
    await this.#call("DELETE", this.#path);
  }
}

class Clock {
  #call;
  #path;

  constructor(call, path) {
    this.#call = call;
    this.#path = path;
  }

  /** What it shows. */
  async now() {
    return new Date((await this.#call("GET", this.#path)).now);
  }

  /** Sets it to a `Date`, or a text that is one; it goes on from there, or stands. */
  async set(time, { stands } = {}) {
    return this.#put({ now: new Date(time).toISOString(), stands });
  }

  /** Moves it on by so many seconds. */
  async advance(seconds) {
    return this.#put({ advance_seconds: seconds });
  }

  /** Lets it stand. */
  async stop() {
    return this.#put({ stands: true });
  }

  /** Lets it go on. */
  async go() {
    return this.#put({ stands: false });
  }

  /** Back to the time of the machine. */
  async reset() {
    return this.#put({ reset: true });
  }

  async #put(setting) {
    return new Date((await this.#call("PUT", this.#path, setting)).now);
  }
}

/** Calls of the control API, which answer what it says and throw what it refuses. */
function calls(control) {
  return async (method, path, body) => {
    const sent = body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(`${control}${path}`, { method, ...sent });
    const answer = response.status === 204 ? undefined : await response.json();
    if (!response.ok) throw Object.assign(new Error(answer.message), { status: response.status });
    return answer;
  };
}

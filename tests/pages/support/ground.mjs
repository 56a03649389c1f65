// What has to be there before some pages can be seen: people of one test, links of mails, and faults of the server.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually, startServer } from "../../dashboard/support/server.mjs";
import { ANN, signUp } from "./shop.mjs";

/** Somebody whom no other test knows. */
export async function person(here) {
  const email = `p${randomBytes(5).toString("hex")}@example.com`;
  return { email, user_id: await signUp(here, { email, password: ANN.password }) };
}

/** The path of a link as mails bring it: `password-change` or `email-verification`. */
export async function ticket(here, kind) {
  const { user_id } = await person(here);
  const { ticket } = await here.server.api(`/api/v2/tickets/${kind}`, { body: { user_id } });
  return pathOf(ticket);
}

const pathOf = (link) => {
  const { pathname, search } = new URL(link);
  return pathname + search;
};

/** Runs something while somebody's account is closed after wrong passwords, told whose, and the link that opens it. */
export async function closed(here, run) {
  const { email } = await person(here);
  const protection = "/api/v2/attack-protection/brute-force-protection";
  const { max_attempts } = await here.server.api(protection);
  await here.server.api(protection, { method: "PATCH", body: { max_attempts: 1 } });
  try {
    for (let tries = 0; tries < 2; tries++) {
      await here.server.fetch("/co/authenticate", {
        method: "POST", headers: { "content-type": "application/json", origin: "https://shop.example" },
        body: JSON.stringify({ client_id: here.shop, credential_type: "http://auth0.com/oauth/grant-type/password-realm", realm: here.connection.name, username: email, password: "wrong" }),
      });
    }
    const mail = () => here.server.api(`/api/x/mailbox?to=${email}`).then(({ mails }) => mails.find(({ template }) => template === "blocked_account"));
    const { link } = await eventually(mail, "a mail that opens an account");
    return await run({ email, link: pathOf(link) });
  } finally {
    await here.server.api(protection, { method: "PATCH", body: { max_attempts } });
  }
}

/** Changes what lies in the database behind the server's back. */
export async function inDatabase(here, statement) {
  const script = "import sqlite3, sys; base = sqlite3.connect(sys.argv[1], timeout=10); base.execute(sys.argv[2]); base.commit()";
  await promisify(execFile)("python3", ["-c", script, join(here.server.dataDir, "countersign.db"), statement]);
}

/** The origin of a server whose tenant has just been asked for as much as it may be. */
export async function fillsBucket(here) {
  const env = { COUNTERSIGN_AUTHENTICATION_RATE_LIMIT_BURST: "2", COUNTERSIGN_AUTHENTICATION_RATE_LIMIT_PER_SECOND: "1" };
  here.small ??= await startServer({ env });
  // Its second is over when its page is asked for, unless a little more comes meanwhile.
  const answers = await Promise.all(Array.from({ length: 6 }, () => here.small.fetch("/device/success")));
  assert.ok(answers.some(({ status }) => status === 429), "nothing was refused");
  return here.small.origin;
}

// Runs what a snippet says in a shell, with the server's own authority trusted as its documentation says.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export async function inShell(command, server, environment = {}) {
  const { stdout } = await promisify(execFile)("sh", ["-c", command], {
    timeout: 20_000,
    env: { ...process.env, CURL_CA_BUNDLE: server.ca, SSL_CERT_FILE: server.ca, NO_PROXY: "localhost,127.0.0.1", ...environment },
  });
  return stdout;
}

// A service of somebody's that takes log events, over HTTPS with the server's own certificate.
import { readFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";

/** Starts one, and starts the server anew so that it may call it; `answer` is the status that is answered. */
export async function collect(server) {
  const authority = server.ca;
  server.env = { ...server.env, COUNTERSIGN_OUTBOUND_ALLOW: '["127.0.0.0/8", "::1/128"]', COUNTERSIGN_OUTBOUND_CA: authority };
  await server.restart(() => {});
  const folder = join(server.dataDir, "tls");
  const collector = { status: 200, bodies: [], headers: [] };
  const listening = https.createServer({ cert: readFileSync(join(folder, "local.pem")), key: readFileSync(join(folder, "local.key")) }, async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    if (collector.status < 300) {
      collector.bodies.push(body);
      collector.headers.push(request.headers);
    }
    response.writeHead(collector.status).end();
  });
  await new Promise((resolve) => listening.listen(0, "127.0.0.1", resolve));
  collector.url = `https://localhost:${listening.address().port}/in`;
  collector.stop = () => listening.close();
  return collector;
}

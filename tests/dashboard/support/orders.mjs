// An API as our users write it: Express behind express-oauth2-jwt-bearer.
import { once } from "node:events";
import express from "express";
import { auth, requiredScopes } from "express-oauth2-jwt-bearer";

/** Serves orders of `audience` to whoever the server says may read, and more to who may write. */
export async function serveOrders(server, audience) {
  const app = express();
  app.use(auth({ issuerBaseURL: server.issuer, audience, agent: server.agent() }));
  app.get("/orders", requiredScopes("read:orders"), (request, response) => response.json([{ id: 1, for: request.auth.payload.sub }]));
  app.delete("/orders", requiredScopes("delete:orders"), (_request, response) => response.status(204).end());
  app.use((error, _request, response, _next) => response.status(error.status ?? 500).set(error.headers ?? {}).json({ message: error.message }));
  const listening = app.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const url = `http://127.0.0.1:${listening.address().port}/orders`;
  return {
    url,
    call: (token, method = "GET") => fetch(url, { method, headers: { authorization: `Bearer ${token}` } }),
    close: () => listening.close(),
  };
}

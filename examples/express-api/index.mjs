// An API that lets callers read orders, and write them only with write:orders.
import express from "express";
import { auth, requiredScopes } from "express-oauth2-jwt-bearer";

const { ISSUER = "https://localhost:8443/", PORT = 3000 } = process.env;
const api = express();
api.use(auth({ issuerBaseURL: ISSUER, audience: "https://orders.example" }));
api.get("/orders", requiredScopes("read:orders"), (request, response) => response.json([{ id: 1, item: "tea" }]));
api.post("/orders", requiredScopes("write:orders"), (request, response) => response.status(201).json({ id: 2 }));
api.use((error, request, response, next) => {
  const { status = 500, headers = {}, code, message } = error;
  response.status(status).set(headers).json({ error: code, message });
});
api.listen(PORT, "127.0.0.1", () => console.log(`Orders on http://127.0.0.1:${PORT}/orders`));

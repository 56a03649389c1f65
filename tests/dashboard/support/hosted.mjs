// The hosted pages, as people see them who come from an application.

/** An application that people log in to. */
export const makeShop = (server, more = {}) =>
  server.api("/api/v2/clients", {
    body: { name: "Web shop", app_type: "spa", token_endpoint_auth_method: "none", grant_types: ["authorization_code"], callbacks: ["https://shop.example/callback"], ...more },
  });

/** Where a login of the application begins. */
export const loginOf = ({ client_id }, more = {}) =>
  `/authorize?${new URLSearchParams({
    client_id, redirect_uri: "https://shop.example/callback", response_type: "code", scope: "openid", state: "x",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256", ...more,
  })}`;

/** Opens the login page in a browser of its own, and hands it to `look`. */
export async function onLoginPage(world, shop, look, more = {}) {
  const context = await world.openContext(more);
  const page = await context.newPage();
  await page.goto(loginOf(shop));
  const found = await look(page);
  await context.close();
  return found;
}

// What a person does over and over: set the server up, log in, log out.

export const OWNER = { email: "ana@acme.example", password: "a long enough password" };

/** Follows the one-time link and becomes the first administrator; ends on Home, signed in. */
export async function setUp(page, link, { email, password, environment = "Development", sample = false } = {}) {
  await page.goto(link);
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("radio", { name: environment }).check();
  await page.getByRole("checkbox", { name: "Add a sample API" }).setChecked(sample);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
}

/** Fills in the login page that the dashboard sends to whoever is not signed in. */
export async function logIn(page, { email, password }) {
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** Makes another administrator by an invitation, and signs them in, in a browser of their own. */
export async function joinAs(world, email, roles, more = {}) {
  const { invitation_url } = await world.server.api("/api/x/administrators", { body: { email, roles, ...more } });
  const context = await world.openContext();
  const page = await context.newPage();
  await page.goto(invitation_url);
  await page.getByLabel("Password").fill(OWNER.password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  return { context, page };
}

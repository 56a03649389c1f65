// Every hosted page, and the way to it; each begins with a browser that knows nobody.
import { closed, fillsBucket, inDatabase, ticket } from "./ground.mjs";
import { ANN, CALLBACK, NATIVE_CALLBACK, STRANGER_CALLBACK, authorize } from "./shop.mjs";

async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.locator(`input[name="${name}"]`).fill(value);
}
/** Presses a button, and waits for the page that follows: what is looked at is never the one before. */
async function press(page, button) {
  // An application's address is reached, and nobody answers there; that is a page as well.
  const followed = page.waitForEvent("framenavigated");
  await button.click();
  await followed;
  await page.waitForLoadState();
}
const submit = (page) => press(page, page.locator('button[name="action"]').first());
const decline = (page) => press(page, page.locator('button[name="action"]').last());
const step = (page, path) => page.goto(`${path}${new URL(page.url()).search.match(/\?state=[^&]+/)[0]}`);
/** A page of ours, asked for in the words of the test. */
const at = (path, query = {}) => (page, more = {}) => page.goto(`${path}?${new URLSearchParams({ ...query, ...more })}`);

export async function logIn(page, { email, password } = ANN) {
  await fill(page, { username: email, password });
  await submit(page);
}

/** Has a browser logged in, and back at the shop. */
async function loggedIn(here, page) {
  here.faults.allow(/request to another origin: https:\/\/shop\.example/);
  await page.context().route("https://shop.example/**", (route) => route.fulfill({ contentType: "text/html", body: "<title>Shop</title>" }));
  await page.goto(authorize(here.shop));
  await logIn(page);
  await page.waitForURL(`${CALLBACK}?**`);
}

async function code(here, client_id) {
  const body = new URLSearchParams({ client_id, scope: "openid profile" });
  const answer = await here.server.fetch("/oauth/device/code", { method: "POST", body });
  return (await answer.json()).user_code;
}

/** Without scripts while something happens, as browsers are that people have set so. */
async function scriptless(page, run) {
  const browser = await page.context().newCDPSession(page);
  await browser.send("Emulation.setScriptExecutionDisabled", { value: true });
  await run();
  await browser.send("Emulation.setScriptExecutionDisabled", { value: false });
  // What was to be seen then is hidden again now.
  await page.evaluate(() => document.querySelectorAll("body noscript").forEach((element) => element.replaceWith(...element.childNodes)));
}

const NEW = "Another-Horse-8-Battery";

/** By name: what to do to see the page. */
export const pages = (here) => ({
  "log in": (page, more) => page.goto(authorize(here.shop, more)),
  "log in, wrong password": async (page, more) => {
    await page.goto(authorize(here.shop, more));
    await logIn(page, { email: ANN.email, password: "wrong" });
  },
  "log in, account closed": (page, more) => closed(here, async ({ email }) => {
    await page.goto(authorize(here.shop, more));
    await logIn(page, { email, password: "wrong" });
  }),
  identifier: async (page, more) => {
    await page.goto(authorize(here.shop, more));
    await step(page, "/u/login/identifier");
  },
  password: async (page, more) => {
    await page.goto(authorize(here.shop, more));
    await step(page, "/u/login/identifier");
    await fill(page, { username: ANN.email });
    await submit(page);
  },
  "sign up": (page, more) => page.goto(authorize(here.shop, { screen_hint: "signup", ...more })),
  "sign up, weak password": async (page, more) => {
    await page.goto(authorize(here.shop, { screen_hint: "signup", ...more }));
    await fill(page, { email: "ben@example.com", password: "short1" });
    await submit(page);
  },
  "reset request": async (page, more) => {
    await page.goto(authorize(here.shop, more));
    await step(page, "/u/reset-password/request");
  },
  "reset sent": async (page, more) => {
    await page.goto(authorize(here.shop, more));
    await step(page, "/u/reset-password/request");
    await fill(page, { username: "nobody@example.com" });
    await submit(page);
  },
  "new password": async (page) => page.goto(await ticket(here, "password-change")),
  "new password, weak": async (page) => {
    await page.goto(await ticket(here, "password-change"));
    await fill(page, { "password-reset": "short1", "re-enter-password": "short1" });
    await submit(page);
  },
  "password changed": async (page) => {
    await page.goto(await ticket(here, "password-change"));
    await fill(page, { "password-reset": NEW, "re-enter-password": NEW });
    await submit(page);
  },
  "reset link, spent": at("/u/reset-verify", { ticket: "none" }),
  "address verified": async (page) => page.goto(await ticket(here, "email-verification")),
  "address to verify, by a button": async (page) => {
    await page.setExtraHTTPHeaders({ "x-purpose": "preview" });
    await page.goto(await ticket(here, "email-verification"));
  },
  "verification link, spent": at("/u/email-verification", { ticket: "none" }),
  consent: async (page, more) => {
    await page.goto(authorize(here.shop, { prompt: "consent", audience: "https://orders.example", scope: "openid profile email offline_access read:orders write:orders read:invoices", ...more }));
    await logIn(page);
  },
  "consent, to a stranger": async (page, more) => {
    await page.goto(authorize(here.stranger, { redirect_uri: STRANGER_CALLBACK, scope: "openid profile email", ...more }));
    await logIn(page);
  },
  "back to a program of the device": async (page, more) => {
    await loggedIn(here, page);
    const asked = authorize(here.native, { redirect_uri: NATIVE_CALLBACK, scope: "openid", ...more });
    await page.goto(asked);
    // Consent is given once; the browser cannot follow where that leads.
    if ((await screenOf(page)) === "consent.consent") {
      const form = { state: new URL(page.url()).searchParams.get("state"), action: "accept" };
      await page.request.post(page.url(), { form, headers: { origin: here.server.origin }, maxRedirects: 0 });
      await page.goto(asked);
    }
  },
  "on to the application, without scripts": (page, more) => scriptless(page, async () => {
    await page.goto(authorize(here.shop, { response_mode: "form_post", ...more }));
    await logIn(page);
  }),
  activate: at("/activate"),
  "activate, wrong code": async (page, more) => {
    await at("/activate")(page, more);
    await fill(page, { code: "BBBB-BBBB" });
    await submit(page);
  },
  "device confirmation": async (page, more) => at("/activate", { user_code: await code(here, here.native) })(page, more),
  "device refused": async (page, more) => {
    await at("/activate", { user_code: await code(here, here.native) })(page, more);
    await decline(page);
  },
  "device connected": at("/device/success"),
  "device not connected": at("/device/failure"),
  "log out?": async (page) => {
    await loggedIn(here, page);
    await page.goto("/oidc/logout");
  },
  "still logged in": async (page) => {
    await loggedIn(here, page);
    await page.goto("/oidc/logout");
    await decline(page);
  },
  "logged out": at("/v2/logout"),
  "open the account": (page) => closed(here, ({ link }) => page.goto(link)),
  "account open": (page) => closed(here, async ({ link }) => {
    await page.goto(link);
    await submit(page);
  }),
  "unblock link, spent": at("/u/unblock", { ticket: "none" }),
  "refused request": at("/authorize", { client_id: "nobody", response_type: "code" }),
  "ended login": at("/u/login", { state: "none" }),
  "form from elsewhere": async (page, more) => {
    await page.goto(authorize(here.shop, more));
    // The same form in a page of somebody else's.
    const form = `<form method="post" action="${page.url()}"><button name="action">Win</button></form>`;
    here.faults.allow(/request to another origin: https:\/\/elsewhere\.example/);
    await page.route("https://elsewhere.example/", (route) => route.fulfill({ contentType: "text/html", body: form }));
    await page.goto("https://elsewhere.example/");
    await submit(page);
  },
  "unreadable form": async (page, more) => {
    await page.goto(authorize(here.shop, more));
    await page.locator('input[name="state"]').evaluate((input) => { input.value = "another"; });
    await logIn(page);
  },
  "something went wrong": async (page, more) => {
    await page.goto(authorize(here.shop, more));
    await inDatabase(here, "update tickets set body = 'no JSON' where kind = 'login'");
    here.faults.allow(/status of 500/);
    await page.reload();
  },
  "too many attempts": async (page, more) => {
    await pages(here)["activate, wrong code"](page, more);
    await inDatabase(here, "update failed_logins set failures = 1000 where subject like 'guess %'");
    await fill(page, { code: "BBBB-BBBB" });
    await submit(page);
    await inDatabase(here, "delete from failed_logins where subject like 'guess %'");
  },
  "too much going on": async (page, more) => {
    const origin = await fillsBucket(here);
    here.faults.allow(new RegExp(`request to another origin: ${origin}`));
    await page.goto(`${origin}/device/success?${new URLSearchParams(more)}`);
  },
  "no such page": at("/u/nowhere"),
  "consent, to no more than who it is": async (page, more) => {
    await page.goto(authorize(here.shop, { prompt: "consent", scope: "openid", ...more }));
    await logIn(page);
  },
  "set up": async (page) => page.goto(await here.server.setUpLink()),
  "set up, wrong code": at("/tenants/administrators/u/setup", { code: "none" }),
});

/** Which screen a page shows, as its texts are called. */
export const screenOf = (page) =>
  page.locator("main").evaluate(({ dataset: { prompt, screen } }) => `${prompt}.${screen}`);

// Every hosted page, and the way to it; each begins with a browser that knows nobody.
import { ANN, authorize } from "./shop.mjs";

async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.locator(`input[name="${name}"]`).fill(value);
}
const submit = (page) => page.locator('button[name="action"]').first().click();
const step = (page, path) => page.goto(`${path}${new URL(page.url()).search.match(/\?state=[^&]+/)[0]}`);

export async function logIn(page, { email, password } = ANN) {
  await fill(page, { username: email, password });
  await submit(page);
}

async function code(here, client_id) {
  const body = new URLSearchParams({ client_id, scope: "openid profile" });
  const answer = await here.server.fetch("/oauth/device/code", { method: "POST", body });
  return (await answer.json()).user_code;
}

/** By name: what to do to see the page. */
export const pages = (here) => ({
  "log in": (page, more) => page.goto(authorize(here.shop, more)),
  "log in, wrong password": async (page, more) => {
    await page.goto(authorize(here.shop, more));
    await logIn(page, { email: ANN.email, password: "wrong" });
  },
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
    await fill(page, { username: ANN.email });
    await submit(page);
  },
  "reset link, spent": (page, more) => page.goto(`/u/reset-verify?${new URLSearchParams({ ticket: "none", ...more })}`),
  "verification link, spent": (page, more) => page.goto(`/u/email-verification?${new URLSearchParams({ ticket: "none", ...more })}`),
  consent: async (page, more) => {
    await page.goto(authorize(here.shop, { prompt: "consent", audience: "https://orders.example", scope: "openid profile email offline_access read:orders write:orders read:invoices", ...more }));
    await logIn(page);
  },
  activate: (page, more) => page.goto(`/activate?${new URLSearchParams(more)}`),
  "activate, wrong code": async (page, more) => {
    await page.goto(`/activate?${new URLSearchParams(more)}`);
    await fill(page, { code: "BBBB-BBBB" });
    await submit(page);
  },
  "device confirmation": async (page, more) => page.goto(`/activate?${new URLSearchParams({ user_code: await code(here, here.native), ...more })}`),
  "device connected": (page, more) => page.goto(`/device/success?${new URLSearchParams(more)}`),
  "device not connected": (page, more) => page.goto(`/device/failure?${new URLSearchParams(more)}`),
  "logged out": (page) => page.goto("/v2/logout"),
  "refused request": (page) => page.goto("/authorize?client_id=nobody&response_type=code"),
  "ended login": (page, more) => page.goto(`/u/login?${new URLSearchParams({ state: "none", ...more })}`),
});

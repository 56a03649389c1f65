// Every page there is, for the checks that hold for all of them. The names are those of the screenshots.

/** `made` names the objects that the pages of one object show, as `{ client_id, api_id, … }`. */
export const pages = ({ client_id, api_id, log_id, system_id, action_id, rule_id, connection_id, user_id, role_id, stream_id }) => ({
  home: "/",
  "getting-started": "/getting-started",
  applications: "/applications",
  "create-application": "/applications?create=1",
  "application-quick-start": `/applications/${client_id}/quickstart`,
  "application-settings": `/applications/${client_id}/settings`,
  "application-credentials": `/applications/${client_id}/credentials`,
  "application-federation": `/applications/${client_id}/federation`,
  "application-apis": `/applications/${client_id}/apis`,
  "application-connections": `/applications/${client_id}/connections`,
  "application-usage": `/applications/${client_id}/usage`,
  "application-logs": `/applications/${client_id}/logs`,
  "application-history": `/applications/${client_id}/history`,
  apis: "/apis",
  "create-api": "/apis?create=1",
  "api-quick-start": `/apis/${api_id}/quickstart`,
  "api-settings": `/apis/${api_id}/settings`,
  "api-permissions": `/apis/${api_id}/permissions`,
  "api-applications": `/apis/${api_id}/applications`,
  "api-test": `/apis/${api_id}/test`,
  "api-explorer": `/apis/${system_id}/explorer`,
  "api-usage": `/apis/${api_id}/usage`,
  "api-history": `/apis/${api_id}/history`,
  actions: "/actions/library",
  action: `/actions/library/${action_id}/code`,
  "action-secrets": `/actions/library/${action_id}/secrets`,
  "action-versions": `/actions/library/${action_id}/versions`,
  "action-order": "/actions/trigger",
  "create-action": "/actions/library?create=1",
  hooks: "/actions/hooks",
  "branding-look": "/branding/look",
  "branding-experience": "/branding/experience",
  "branding-text": "/branding/text",
  "branding-template": "/branding/template",
  "emails-provider": "/emails/provider",
  "emails-templates": "/emails/templates",
  "emails-template": "/emails/templates/verify_email",
  "emails-mailbox": "/emails/mailbox",
  rules: "/rules",
  "create-rule": "/rules?create=1",
  rule: `/rules/${rule_id}`,
  connections: "/connections",
  "create-connection": "/connections?create=1",
  "connection-settings": `/connections/${connection_id}/settings`,
  "connection-password": `/connections/${connection_id}/password`,
  "connection-scripts": `/connections/${connection_id}/scripts`,
  "connection-applications": `/connections/${connection_id}/applications`,
  "connection-try": `/connections/${connection_id}/try`,
  "connection-history": `/connections/${connection_id}/history`,
  users: "/users",
  "create-user": "/users?create=1",
  user: `/users/${user_id}/details`,
  "user-metadata": `/users/${user_id}/metadata`,
  "user-sessions": `/users/${user_id}/sessions`,
  "user-roles": `/users/${user_id}/roles`,
  "user-permissions": `/users/${user_id}/permissions`,
  "user-logs": `/users/${user_id}/logs`,
  "user-history": `/users/${user_id}/history`,
  "user-json": `/users/${user_id}/json`,
  roles: "/roles",
  "create-role": "/roles?create=1",
  role: `/roles/${role_id}/settings`,
  "role-permissions": `/roles/${role_id}/permissions`,
  "role-users": `/roles/${role_id}/users`,
  "role-history": `/roles/${role_id}/history`,
  logs: "/logs",
  "log-event": `/logs/${log_id}`,
  "log-streams": "/log-streams",
  "create-log-stream": "/log-streams?create=1",
  "log-stream-settings": `/log-streams/${stream_id}/settings`,
  "log-stream-filters": `/log-streams/${stream_id}/filters`,
  "log-stream-health": `/log-streams/${stream_id}/health`,
  "log-stream-history": `/log-streams/${stream_id}/history`,
  audit: "/audit",
  usage: "/usage",
  "attack-protection": "/attack-protection",
  "limits-rates": "/limits/rate-limits",
  "limits-network": "/limits/network",
  revocations: "/revocations",
  "tenant-general": "/tenant/general",
  "tenant-signing-keys": "/tenant/signing-keys",
  "tenant-advanced": "/tenant/advanced",
  "tenant-history": "/tenant/history",
  tenants: "/tenants",
  nodes: "/nodes",
  administrators: "/administrators",
  account: "/account",
  inspector: "/inspector",
});

/** Opens a page by its address and waits until it shows what it is about. */
export async function open(page, path) {
  await page.goto(`/dashboard${path}`);
  await settled(page);
}

/** Waits until the page at hand has its heading and nothing of it is still loading. */
export async function settled(page) {
  await page.locator("h1").first().waitFor();
  await page.waitForFunction(() =>
    document.querySelector("h1")?.textContent !== "Loading…" && document.querySelector("main [aria-label='Loading…']") === null);
}

/** Walks to a page inside the running application, without loading the document again. */
export async function walkTo(page, path) {
  const title = await page.title();
  await page.evaluate((path) => {
    history.pushState({}, "", `/dashboard${path}`);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);
  await page.waitForFunction((title) => document.title !== title, title).catch(() => {});
  await settled(page);
}

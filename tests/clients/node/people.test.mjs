// People's tokens without a browser, judged by the SDK that speaks Auth0's dialect: signing up, the password grants,
// refreshing, revoking, and what the Management API shows of it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ManagementClient, UserInfoClient } from "auth0";
import { adminToken, authentication, domain, issuer, part, setUp, unique } from "./helpers.mjs";

const REALM = "Username-Password-Authentication";

describe("auth0 5: people", () => {
  const management = new ManagementClient({ domain, token: adminToken });
  const [email, password] = [`${unique("ann")}@example.com`, `${unique("Correct-Horse")}!`];
  let world;
  before(async () => {
    world = await setUp(management, {
      api: { allow_offline_access: true },
      application: {
        app_type: "regular_web", oidc_conformant: true,
        grant_types: ["client_credentials", "password", "http://auth0.com/oauth/grant-type/password-realm", "refresh_token"],
        refresh_token: { rotation_type: "rotating", expiration_type: "expiring", leeway: 0 },
      },
    });
    const { data } = await authentication(world.client).database.signUp({ email, password, connection: REALM });
    assert.equal(data.email, email);
  });
  after(() => world.remove());

  const log = (more = {}) => authentication(world.client).oauth.passwordGrant({
    username: email, password, realm: REALM, audience: world.audience,
    scope: "openid profile email offline_access read:things", ...more,
  });

  it("are issued tokens for a password, and the SDK believes the ID token", async () => {
    const { data, status } = await log();
    assert.equal(status, 200);
    assert.equal(data.scope, "openid profile email offline_access read:things");
    const token = part(data.access_token, 1);
    assert.deepEqual([token.iss, token.aud, token.gty], [issuer, [world.audience, `${issuer}userinfo`], "password"]);
    assert.match(token.sub, /^auth0\|/);
    assert.equal(part(data.id_token, 1).email, email);
    const profile = await new UserInfoClient({ domain }).getUserInfo(data.access_token);
    assert.deepEqual([profile.data.sub, profile.data.email], [token.sub, email]);
  });

  it("are issued a token for /userinfo alone where no API is named", async () => {
    const { data } = await authentication(world.client).oauth.passwordGrant({
      username: email, password, realm: REALM, scope: "openid email",
    });
    const profile = await new UserInfoClient({ domain }).getUserInfo(data.access_token);
    assert.equal(profile.data.email, email);
  });

  it("are refused with a wrong password: 403 invalid_grant", () =>
    assert.rejects(log({ password: "wrong" }), {
      name: "AuthApiError", statusCode: 403, error: "invalid_grant", error_description: "Wrong email or password.",
    }));

  it("are refused in a realm that is not there: 403 invalid_request", () =>
    assert.rejects(log({ realm: "nowhere" }), { statusCode: 403, error: "invalid_request" }));

  it("refresh, and a token that comes twice ends all that came of it", async () => {
    const { data } = await log();
    const refresh = (refresh_token) => authentication(world.client).oauth.refreshTokenGrant({ refresh_token });
    const second = await refresh(data.refresh_token);
    assert.notEqual(second.data.refresh_token, data.refresh_token);
    assert.equal(part(second.data.id_token, 1).email, email);
    await assert.rejects(refresh(data.refresh_token), {
      statusCode: 403, error: "invalid_grant", error_description: "Unknown or invalid refresh token.",
    });
    await assert.rejects(refresh(second.data.refresh_token), { statusCode: 403, error: "invalid_grant" });
  });

  it("revoke a refresh token, and may do so twice", async () => {
    const { data } = await log();
    const oauth = authentication(world.client).oauth;
    assert.equal((await oauth.revokeRefreshToken({ token: data.refresh_token })).status, 200);
    assert.equal((await oauth.revokeRefreshToken({ token: data.refresh_token })).status, 200);
    await assert.rejects(oauth.refreshTokenGrant({ refresh_token: data.refresh_token }), { statusCode: 403 });
  });

  it("are shown with their refresh tokens by the Management API", async () => {
    const user_id = part((await log()).data.id_token, 1).sub;
    const shown = async () => (await management.users.refreshToken.list(user_id)).data;
    const before = (await shown()).map(({ id }) => id);
    const { data } = await log();
    const [added, ...more] = (await shown()).filter(({ id }) => !before.includes(id));
    assert.deepEqual(more, []);
    assert.deepEqual([added.user_id, added.client_id, added.rotating], [user_id, world.client.client_id, true]);
    await management.refreshTokens.delete(added.id);
    await assert.rejects(
      authentication(world.client).oauth.refreshTokenGrant({ refresh_token: data.refresh_token }), { statusCode: 403 });
  });
});

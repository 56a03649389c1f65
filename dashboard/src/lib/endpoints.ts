// Where programs find the managed tenant. They use the address this page came by, which is one that works here; the
// issuer is what the tenant calls itself in tokens.
import { config, tenantUrl } from '../api/config';

const base = location.origin + (config.tenant.isHost ? '' : config.tenant.prefix);

export const endpoints = {
  authorize: `${base}/authorize`,
  token: `${base}/oauth/token`,
  userinfo: `${base}/userinfo`,
  openid: `${base}/.well-known/openid-configuration`,
  jwks: `${base}/.well-known/jwks.json`,
};

export const issuer = `${tenantUrl}/`;

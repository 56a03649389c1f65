// What the server tells the page about itself, and where the managed tenant is found.

export type Environment = 'development' | 'staging' | 'production';

export type Config = {
  base: string;
  version: string;
  clientId: string;
  /** Path of the tenant that people sign in at. */
  authority: string;
  issuer: string;
  /** The certificate of the server's own authority, as a path of the machine that the page was opened on. */
  ca?: string | null;
  tenant: {
    name: string;
    domain: string;
    environment: Environment;
    audience: string;
    /** Path before `/api/v2`, `/api/x` and `/oauth/token` of the managed tenant. */
    prefix: string;
    isHost: boolean;
  };
  /** Only while developing: a bearer that stands for the sign-in. */
  devToken?: string;
};

export const config: Config = JSON.parse(document.getElementById('config')?.textContent ?? '{}');

export const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';

/** Where the router lives: other tenants than the host's are named in the path. */
export const basePath = config.tenant.isHost ? config.base : `${config.base}/@${config.tenant.name}`;

/** The managed tenant's own address, as programs use it. */
export const tenantUrl = `https://${config.tenant.domain}`;

/** The dashboard of a tenant, as a path of this origin. */
export function tenantPath(name: string): string {
  return name === config.tenant.name ? `${basePath}/` : `${config.base}/@${name}/`;
}

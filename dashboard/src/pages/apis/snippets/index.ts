// How an API validates the tokens that are issued for it, in several frameworks, each complete and ready to run.
import { tenantUrl } from '../../../api/config';
import type { ResourceServer } from '../../../api/resourceServers';
import type { Platform } from '../../../ui';
import { profileOf } from '../kinds';
import { aspnet } from './dotnet';
import { go } from './go';
import { spring } from './java';
import { express, fastify } from './node';
import { django, fastapi } from './python';
import { axum } from './rust';

export type Api = {
  issuer: string;
  audience: string;
  jwks: string;
  algorithm: string;
  /** Signed with a secret that the API has too. */
  isSymmetric: boolean;
  /** The header says `at+jwt`, as in RFC 9068. */
  isAtJwt: boolean;
  /** The permission that the example route needs. */
  scope: string | undefined;
  /** The example route: `/orders`. */
  path: string;
  /** A text in quotes, as all these languages and YAML write it. */
  quoted: (text: string) => string;
};

export type Framework = { id: string; label: string; platform: Platform; install: string; code: string };

export function apiOf(api: ResourceServer, scope: string | undefined): Api {
  const noun = scope?.split(':').at(-1)?.replace(/[^a-z0-9_-]/gi, '') ?? '';
  return {
    issuer: `${tenantUrl}/`,
    audience: api.identifier,
    jwks: `${tenantUrl}/.well-known/jwks.json`,
    algorithm: api.signing_alg ?? 'RS256',
    isSymmetric: api.signing_alg === 'HS256',
    isAtJwt: profileOf(api.token_dialect) === 'rfc9068',
    scope,
    path: `/${noun === '' ? 'things' : noun}`,
    quoted: JSON.stringify,
  };
}

export const frameworks = (api: Api): Framework[] => [express, fastify, fastapi, django, go, axum, spring, aspnet].map((framework) => framework(api));

/** The lines that hold, one below the other. */
export const lines = (...lines: (string | false)[]): string => lines.filter((line) => line !== false).join('\n');

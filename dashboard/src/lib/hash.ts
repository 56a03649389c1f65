// Addresses in the shape that Auth0's dashboard has: `#/applications/{id}/settings`.

const RENAMED: [RegExp, string][] = [
  [/^\/tenant\/signing_keys$/, '/tenant/signing-keys'],
  [/^\/tenant\/admins$/, '/administrators'],
  [/^\/tenant$/, '/tenant/general'],
  [/^\/apis\/([^/]+)\/authorized-clients$/, '/apis/$1/applications'],
  [/^\/actions\/(flows|triggers)$/, '/actions/trigger'],
  [/^\/rules\/new$/, '/rules?create=1'],
  [/^\/hooks$/, '/actions/hooks'],
  [/^\/connections\/database(\/|$)/, '/connections$1'],
  [/^\/clients(\/|$)/, '/applications$1'],
];

/** The path of ours that such an address means, or nothing when it is none. */
export function fromHash(hash: string): string | undefined {
  if (!hash.startsWith('#/')) return undefined;
  const path = hash.slice(1);
  const renamed = RENAMED.find(([pattern]) => pattern.test(path));
  return renamed === undefined ? path : path.replace(...renamed);
}

// Until when tokens of a key that no longer signs may be valid.
import type { SigningKey } from '../../../api/keys';
import type { ResourceServer } from '../../../api/resourceServers';

const DAY_S = 86_400;

/** The longest lifetime that an API gives its tokens, in seconds. */
export const longestLifetime = (apis: ResourceServer[] | undefined): number =>
  Math.max(DAY_S, ...(apis ?? []).flatMap((api) => [api.token_lifetime ?? 0, api.token_lifetime_for_web ?? 0]));

/** When the last token of this key expires, as Unix milliseconds; nothing for a key that still signs. */
export const lastExpiry = (key: SigningKey | undefined, lifetime: number): number | undefined =>
  key?.current_until === undefined ? undefined : new Date(key.current_until).getTime() + lifetime * 1000;

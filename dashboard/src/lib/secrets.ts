// What a secret is good for at a time.

export type SecretState = 'waiting' | 'active' | 'expired';

type Dates = { starts_at: string | null; expires_at: string | null };

export function stateOf({ starts_at: starts, expires_at: expires }: Dates, now = Date.now()): SecretState {
  if (expires !== null && Date.parse(expires) <= now) return 'expired';
  return starts !== null && Date.parse(starts) > now ? 'waiting' : 'active';
}

/** Whether the dates stand in their order. */
export const areOrdered = ({ starts_at: starts, expires_at: expires }: Dates): boolean =>
  starts === null || expires === null || Date.parse(starts) < Date.parse(expires);

/** Stands in a form for a secret that is stored and stays so; nobody can have one like it, since headers take ASCII only. */
export const KEPT = '••••••••';

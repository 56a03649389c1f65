// How much of a quota is used, as the log counts it.

type Use = { limit: number; used: number };

export const shareOf = ({ limit, used }: Use): number => (limit <= 0 ? 1 : used / limit);

/** From 80 % on it is nearly used up. */
export function levelOf(use: Use): 'low' | 'high' | 'full' {
  const share = shareOf(use);
  return share >= 1 ? 'full' : share >= 0.8 ? 'high' : 'low';
}

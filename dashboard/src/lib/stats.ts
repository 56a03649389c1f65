// Numbers about numbers.

export const sum = (values: readonly (number | null)[]): number => values.reduce<number>((total, value) => total + (value ?? 0), 0);

/** By how many percent a number differs from the one before; nothing where there was none. */
export const percentSince = (now: number, before: number): number | undefined => (before === 0 ? undefined : Math.round((100 * (now - before)) / before));

/** The mean of values that each stand for so many; nothing where nobody was counted. */
export function meanOf(values: readonly (number | null)[], counts: readonly number[]): number | undefined {
  let [total, weight] = [0, 0];
  values.forEach((value, index) => {
    const count = counts[index] ?? 0;
    if (value === null || count === 0) return;
    total += value * count;
    weight += count;
  });
  return weight === 0 ? undefined : total / weight;
}

/** The place of the greatest value. */
export function placeOfMost(values: readonly (number | null)[]): number | undefined {
  let place: number | undefined;
  values.forEach((value, index) => {
    if (value !== null && (place === undefined || value > values[place]!)) place = index;
  });
  return place;
}

// Colours, and how well one can be read on another (WCAG 2.2, contrast ratio).

/** Red, green and blue of `#rgb` or `#rrggbb`; opacity that follows is left out, as on the pages. */
export function rgbOf(text: string): [number, number, number] | undefined {
  const digits = /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const wide = digits.length < 6 ? [...digits].map((digit) => digit + digit).join('') : digits;
  const at = (place: number) => Number.parseInt(wide.slice(place, place + 2), 16);
  return [at(0), at(2), at(4)];
}

/** The same as the six digits that a browser's own chooser takes. */
export const plainOf = (text: string): string | undefined =>
  rgbOf(text) && `#${rgbOf(text)!.map((value) => value.toString(16).padStart(2, '0')).join('')}`;

function luminance(rgb: [number, number, number]): number {
  const [red, green, blue] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** From 1 to 21; nothing where one is no colour. */
export function contrast(one: string, other: string): number | undefined {
  const [a, b] = [rgbOf(one), rgbOf(other)];
  if (a === undefined || b === undefined) return undefined;
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** As people read it: never rounded up to what would be enough. */
export const showRatio = (ratio: number): string => (Math.floor(ratio * 10) / 10).toFixed(1);

/** Black or white, whichever stands out. */
export const inkOn = (colour: string): string => ((contrast('#ffffff', colour) ?? 1) >= (contrast('#000000', colour) ?? 1) ? '#ffffff' : '#000000');

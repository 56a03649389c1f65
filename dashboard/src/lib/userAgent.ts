// A browser's name for itself, in the words of people.

const BROWSERS: [RegExp, string][] = [[/Edg(A|iOS)?\//, 'Edge'], [/OPR\/|Opera/, 'Opera'], [/SamsungBrowser\//, 'Samsung Internet'], [/Firefox\/|FxiOS\//, 'Firefox'], [/Chrom(e|ium)\/|CriOS\//, 'Chrome'], [/Safari\//, 'Safari']];
const SYSTEMS: [RegExp, string][] = [[/iPhone|iPad|iPod/, 'iOS'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X|Macintosh/, 'macOS'], [/CrOS/, 'ChromeOS'], [/Linux|X11/, 'Linux']];

/** `Firefox on Windows`; whatever is no browser keeps its name, `curl/8.5`. */
export function deviceOf(userAgent: string | null | undefined): string | undefined {
  if (userAgent === undefined || userAgent === null || userAgent.trim() === '') return undefined;
  const of = (all: [RegExp, string][]) => all.find(([sign]) => sign.test(userAgent))?.[1];
  const [browser, system] = [of(BROWSERS), of(SYSTEMS)];
  return browser === undefined ? userAgent.split(' ')[0] : system === undefined ? browser : `${browser} on ${system}`;
}

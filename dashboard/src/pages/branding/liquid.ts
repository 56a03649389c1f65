// What a page needs of ours, and a page to begin with.

export const TAGS = ['auth0:head', 'auth0:widget'];

const has = (template: string, tag: string) => new RegExp(`\\{%-?\\s*${tag}\\s*-?%\\}`).test(template);

export const missingTags = (template: string): string[] => TAGS.filter((tag) => !has(template, tag));

/** Where the tag belongs: at the end of the head, and of the body; at the end of all, where there is no such place. */
export function insertTag(template: string, tag: string): string {
  const written = `{%- ${tag} -%}\n`;
  const place = template.search(tag === 'auth0:head' ? /<\/head\s*>/i : /<\/body\s*>/i);
  return place < 0 ? `${template}${template.endsWith('\n') || template === '' ? '' : '\n'}${written}` : template.slice(0, place) + written + template.slice(place);
}

export const START = `<!doctype html>
<html lang="{{ locale }}">
<head>
{%- auth0:head -%}
<style>
  body { grid-template-rows: 1fr auto; gap: 1.5rem; }
  footer { font-size: .875rem; }
</style>
</head>
<body>
{%- auth0:widget -%}
<footer>{{ tenant.friendly_name }}</footer>
</body>
</html>
`;

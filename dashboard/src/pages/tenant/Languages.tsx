import { tenant as text } from '../../text/tenant';
import { announce, Badge, Button, IconButton, Section, Select } from '../../ui';
import { X } from '../../ui/icons';
import { mayEdit, type TenantForm } from './form';

const ALL =
  'am ar ar-EG ar-SA az bg bn bs ca-ES cnr cs cy da de el en en-CA es es-419 es-AR es-MX et eu-ES fa fi fr fr-CA fr-FR gl-ES gu he hi hr hu hy id is it ja ka kk kn ko lt lv mk ml mn mr ms my nb nl nn no pa pl pt pt-BR pt-PT ro ru sk sl so sq sr sv sw ta te th tl tr uk ur vi zgh zh-CN zh-HK zh-MO zh-TW'.split(' ');
const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' });
const nameOf = (tag: string) => names.of(tag) ?? tag;
const BY_NAME = [...ALL].sort((one, other) => nameOf(one).localeCompare(nameOf(other), 'en'));

/** The languages of the login pages; the first is the default. */
export function Languages({ form }: { form: TenantForm }) {
  const { languages } = text;
  const tags = form.draft.enabled_locales ?? ['en'];
  const put = (tags: string[]) => form.set('enabled_locales', tags);
  return (
    <Section title={languages.title} lead={languages.lead}>
      <div className="field">
        <span className="label" id="languages">{languages.label}</span>
        <ul className="language-list" aria-labelledby="languages">
          {tags.map((tag, place) => (
            <li key={tag} className="row nowrap">
              <span className="grow">{nameOf(tag)} <code className="muted small">{tag}</code></span>
              {place === 0 ? <Badge kind="accent">{languages.isDefault}</Badge>
                : mayEdit() && <Button small kind="quiet" aria-label={languages.makeDefaultOf(nameOf(tag))} onClick={() => { put([tag, ...tags.filter((other) => other !== tag)]); announce(languages.nowDefault(nameOf(tag))); }}>{languages.makeDefault}</Button>}
              {mayEdit() && <IconButton icon={X} small label={tags.length === 1 ? languages.last : languages.remove(nameOf(tag))} disabled={tags.length === 1} onClick={() => put(tags.filter((other) => other !== tag))} />}
            </li>
          ))}
        </ul>
      </div>
      {mayEdit() && (
        <Select
          label={languages.add} value="" onChange={(tag) => { if (tag !== '') put([...tags, tag]); }}
          options={[{ value: '', label: languages.choose }, ...BY_NAME.filter((tag) => !tags.includes(tag)).map((value) => ({ value, label: nameOf(value) }))]}
        />
      )}
    </Section>
  );
}

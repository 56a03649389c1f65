import { BY_NAME, nameOfLanguage } from '../../lib/languages';
import { tenant as text } from '../../text/tenant';
import { announce, Badge, Button, IconButton, Section, Select } from '../../ui';
import { X } from '../../ui/icons';
import { mayEdit, type TenantForm } from './form';

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
              <span className="grow">{nameOfLanguage(tag)} <code className="muted small">{tag}</code></span>
              {place === 0 ? <Badge kind="accent">{languages.isDefault}</Badge>
                : mayEdit() && <Button small kind="quiet" aria-label={languages.makeDefaultOf(nameOfLanguage(tag))} onClick={() => { put([tag, ...tags.filter((other) => other !== tag)]); announce(languages.nowDefault(nameOfLanguage(tag))); }}>{languages.makeDefault}</Button>}
              {mayEdit() && <IconButton icon={X} small label={tags.length === 1 ? languages.last : languages.remove(nameOfLanguage(tag))} disabled={tags.length === 1} onClick={() => put(tags.filter((other) => other !== tag))} />}
            </li>
          ))}
        </ul>
      </div>
      {mayEdit() && (
        <Select
          label={languages.add} value="" onChange={(tag) => { if (tag !== '') put([...tags, tag]); }}
          options={[{ value: '', label: languages.choose }, ...BY_NAME.filter((tag) => !tags.includes(tag)).map((value) => ({ value, label: nameOfLanguage(value) }))]}
        />
      )}
    </Section>
  );
}

// The tenant's own words: by language, prompt and screen; what the server says by itself stands in each empty field.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { freshWords, saveWords, textsQuery, wordsQuery, type Words } from '../../api/branding';
import type { Versioned } from '../../api/http';
import { tenantSettingsQuery } from '../../api/tenant';
import { nameOfLanguage } from '../../lib/languages';
import { branding } from '../../text/branding';
import { Badge, ErrorPanel, FilterInput, IconButton, Notice, ReadOnly, refusal, Select, Skeleton, TextField, useSearchParam } from '../../ui';
import { RotateCw } from '../../ui/icons';
import { SaveBar } from '../../ui/SaveBar';
import { useForm } from '../../ui/useForm';
import { Preview, WithPreview } from './Preview';
import { pageFor } from './screens';

const text = branding.text;
/** Said to administrators only, whose pages are not the tenant's. */
const NOT_HERE = 'forgottenAdministrator';
/** The languages that the server speaks by itself. */
const SPOKEN = ['de', 'en', 'es', 'fr', 'ja'];

export default function Text() {
  const settings = useQuery(tenantSettingsQuery());
  const [asked, setLanguage] = useSearchParam('language');
  const [prompt, setPrompt] = useSearchParam('prompt', 'login');
  const [find, setFind] = useSearchParam('q');
  const languages = settings.data?.value.enabled_locales ?? ['en'];
  const language = languages.includes(asked) ? asked : languages[0]!;
  const texts = useQuery({ ...textsQuery(language), enabled: settings.data !== undefined });
  const own = useQuery({ ...wordsQuery(prompt, language), enabled: settings.data !== undefined });
  const failed = [settings, texts, own].find(({ isError }) => isError);
  if (failed !== undefined) return <ErrorPanel error={failed.error} retry={() => void failed.refetch()} />;
  return (
    <div className="stack loose">
      <ReadOnly scope="update:prompts" />
      <div className="grid" style={{ '--column': '220px', maxWidth: 960 } as object}>
        <Select
          label={text.language} value={language} onChange={setLanguage} options={languages.map((value) => ({ value, label: nameOfLanguage(value) }))}
          help={<>{text.languages} <Link to="/tenant/general">{text.toLanguages}</Link></>}
        />
        <Select label={text.prompt} value={prompt} onChange={setPrompt} options={Object.entries(branding.prompts).map(([value, label]) => ({ value, label }))} />
        <div className="field"><span className="label" aria-hidden>{text.find}</span><div className="row"><FilterInput label={text.find} value={find} onChange={setFind} /></div></div>
      </div>
      {!SPOKEN.includes(language.split('-')[0]!) && <Notice>{text.other(nameOfLanguage(language))}</Notice>}
      {texts.data === undefined || own.data === undefined ? <Skeleton lines={8} height={36} />
        : <Fields key={`${prompt}/${language}`} prompt={prompt} language={language} read={own.data} ours={texts.data[prompt] ?? {}} find={find} />}
    </div>
  );
}

function Fields({ prompt, language, read, ours, find }: { prompt: string; language: string; read: Versioned<Words>; ours: Words; find: string }) {
  const form = useForm<Words>({
    key: `branding/text/${prompt}/${language}`, read, within: '/branding', path: `/api/v2/prompts/${prompt}/custom-text/${language}`,
    labels: Object.fromEntries(Object.entries(ours).flatMap(([screen, texts]) => Object.keys(texts).map((key) => [`${screen}.${key}`, `${branding.screens[screen] ?? screen}: ${key}`]))),
    save: (patch, etag) => saveWords(prompt, language, patch as Partial<Words>, etag),
    reload: () => freshWords(prompt, language),
    requests: (body, base) => [{ method: 'PUT', path: `/api/v2/prompts/${prompt}/custom-text/${language}`, body: { ...base, ...body } }],
  });
  const [screen, setScreen] = useState(Object.keys(ours)[0]!);
  const refused = refusal('update:prompts');
  const changed = (screen: string) => Object.values(form.draft[screen] ?? {}).filter(Boolean).length;
  const isFound = (key: string, words: string, own: string) => [key, words, own].some((one) => one.toLowerCase().includes(find.trim().toLowerCase()));
  const shown = Object.entries(ours).map(([screen, texts]) => ({ screen, keys: Object.entries(texts).filter(([key, words]) => key !== NOT_HERE && isFound(key, words, form.draft[screen]?.[key] ?? '')) })).filter(({ keys }) => keys.length > 0);
  return (
    <>
      <WithPreview preview={<Preview tried={{ language, custom_text: { [prompt]: form.draft } }} page={pageFor(prompt, screen)} />}>
        <div className="stack loose">
          <p className="muted small measure">{text.variables}</p>
          {shown.length === 0 && <p className="muted" role="status">{text.none(find)}</p>}
          {shown.map(({ screen, keys }) => (
            <section key={screen} className="card" aria-labelledby={`screen-${screen}`} onFocus={() => setScreen(screen)}>
              <header>
                <h2 id={`screen-${screen}`}>{branding.screens[screen] ?? screen}</h2>
                {changed(screen) > 0 && <Badge kind="accent">{text.changedCount(changed(screen))}</Badge>}
              </header>
              <div className="body words">
                {keys.map(([key, words]) => {
                  const own = form.draft[screen]?.[key] ?? '';
                  return (
                    <TextField
                      key={key} label={<code>{key}</code>} placeholder={words} value={own} maxLength={10_000} lang={language} title={words}
                      onChange={refused === undefined ? (value) => form.set(`${screen}.${key}`, value === '' ? undefined : value) : undefined}
                      aside={own !== '' && <><Badge kind="accent">{text.changed}</Badge>{refused === undefined && <IconButton small size={14} icon={RotateCw} label={text.reset(key)} onClick={() => form.set(`${screen}.${key}`, undefined)} />}</>}
                    />
                  );
                })}
              </div>
            </section>
          ))}
        </div>
      </WithPreview>
      <SaveBar form={form} refused={refused} />
    </>
  );
}

// A mail as the server would word it, with an example in the place of a person.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { mailPreviewQuery } from '../../api/emails';
import { nameOfLanguage } from '../../lib/languages';
import { emails } from '../../text/emails';
import { Notice, Segments, Select, Skeleton, wordsOf } from '../../ui';
import { Stage } from '../../ui/Stage';
import { currentTheme } from '../../ui/theme';

const text = emails.template;

/** Those that the server words mails in. */
export const LANGUAGES = ['en', 'de', 'es', 'fr', 'ja'].map((value) => ({ value, label: nameOfLanguage(value) }));

export function MailPreview({ name, words }: { name: string; words: { subject: string; body: string; from: string } }) {
  const [language, setLanguage] = useState('en');
  const [format, setFormat] = useState<'html' | 'plain'>('html');
  const [settled, setSettled] = useState(words);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(words), 250);
    return () => clearTimeout(timer);
  }, [words.subject, words.body, words.from]);
  const { data, error } = useQuery(mailPreviewQuery({ template: name, language, ...settled }));
  const read = data !== undefined && data.problem === null ? data : undefined;
  return (
    <section className="preview" aria-labelledby="preview">
      <h2 id="preview">{text.preview}</h2>
      <div className="stack tight">
        <div className="row spread">
          <Segments label={text.format} value={format} onChange={setFormat} options={[{ value: 'html', label: text.html }, { value: 'plain', label: text.plain }]} />
        </div>
        <Select label={text.language} value={language} options={LANGUAGES} onChange={setLanguage} />
        {error !== null && <Notice kind="danger" live>{text.refused} {wordsOf(error)}</Notice>}
        {data !== undefined && data.problem !== null && <Notice kind="warning" live>{text.problem} {data.problem}</Notice>}
        {data === undefined && error === null && <Skeleton height={320} />}
        {read !== undefined && (
          <>
            <dl className="facts">
              <dt>{text.previewFrom}</dt><dd>{read.from}</dd>
              <dt>{text.previewSubject}</dt><dd className="strong">{read.subject}</dd>
            </dl>
            {format === 'html' ? <Stage html={read.html} title={text.previewOf(emails.kinds[name]?.[0] ?? name)} width={400} height={620} scheme={currentTheme() === 'dark' ? 'dark' : 'light'} dimmed={error !== null} />
              : <pre className="well plain-mail" tabIndex={0} aria-label={text.plain}>{read.text}</pre>}
          </>
        )}
        <p className="muted small">{text.previewLead}</p>
      </div>
    </section>
  );
}

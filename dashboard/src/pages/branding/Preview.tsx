// A hosted page as the server would make it with what is not saved yet, beside the fields that change it.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { previewQuery, type Tried } from '../../api/branding';
import { branding as text } from '../../text/branding';
import { Notice, Segments, Select, Skeleton, wordsOf } from '../../ui';
import { Stage } from '../../ui/Stage';
import { currentTheme } from '../../ui/theme';
import { PROMPT_OF } from './screens';

const WINDOWS = { phone: { width: 390, height: 780 }, desktop: { width: 1100, height: 800 } };

/** The same a moment after it last changed. */
function useSettled<T>(value: T, wait = 250): T {
  const [settled, setSettled] = useState(value);
  const now = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), wait);
    return () => clearTimeout(timer);
  }, [now, wait]);
  return settled;
}

/** The fields, and the page beside them, or below where there is no room. */
export const WithPreview = ({ children, preview }: { children: ReactNode; preview: ReactNode }) => (
  <div className="with-preview">
    <div className="fields">{children}</div>
    {preview}
  </div>
);

export function Preview({ tried, screens, page, onPage, told }: {
  tried: Omit<Tried, 'prompt' | 'screen'>;
  /** Pages that can be chosen; without them it is the one that `page` names. */
  screens?: string[];
  page: { prompt: string; screen: string };
  onPage?: (page: { prompt: string; screen: string }) => void;
  /** Where the server's refusal is told; here, without it. */
  told?: (problem: string | undefined, notUsed: string | undefined) => void;
}) {
  const [window, setWindow] = useState<keyof typeof WINDOWS>('phone');
  const [scheme, setScheme] = useState<'light' | 'dark'>(currentTheme() === 'dark' ? 'dark' : 'light');
  const { data, error } = useQuery(previewQuery(useSettled({ ...page, ...tried })));
  const problem = error === null ? undefined : wordsOf(error);
  const notUsed = data?.template_problem ?? undefined;
  useEffect(() => told?.(problem, notUsed), [problem, notUsed]);
  const name = text.screens[page.screen] ?? page.screen;
  return (
    <section className="preview" aria-labelledby="preview">
      <h2 id="preview">{text.preview.title}</h2>
      <div className="stack tight">
        {screens !== undefined && (
          <Select label={text.preview.page} value={page.screen} options={screens.map((value) => ({ value, label: text.screens[value] ?? value }))} onChange={(screen) => onPage?.({ prompt: PROMPT_OF[screen]!, screen })} />
        )}
        <div className="row spread">
          <Segments label={text.preview.window} value={window} onChange={setWindow} options={[{ value: 'phone', label: text.preview.phone }, { value: 'desktop', label: text.preview.desktop }]} />
          <Segments label={text.preview.scheme} value={scheme} onChange={setScheme} options={[{ value: 'light', label: text.preview.light }, { value: 'dark', label: text.preview.dark }]} />
        </div>
        {problem !== undefined && told === undefined && <Notice kind="warning" live>{text.preview.stale} {problem}</Notice>}
        {data === undefined && error === null ? <Skeleton height={420} /> : <Stage html={data?.html} title={text.preview.of(name)} {...WINDOWS[window]} scheme={scheme} dimmed={error !== null} />}
        <p className="muted small">{text.preview.lead}</p>
      </div>
    </section>
  );
}

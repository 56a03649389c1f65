import { useId, useRef, type ReactNode } from 'react';
import { config } from '../api/config';
import { splitUrls, urlFault, urlRisk, type UrlFault, type UrlKind } from '../lib/urls';
import { ui } from '../text/ui';
import { Button, IconButton } from './Button';
import { FieldError } from './fields';
import { Plus, X } from './icons';

const WORDS: Record<UrlFault, string> = {
  invalid: ui.urlInvalid, twice: ui.urlTwice, wildcard: ui.urlWildcard, hash: ui.urlHash, origin: ui.originOnly, https: ui.httpsOnly, exact: ui.urlExact,
};

const faultAt = (urls: string[], row: number, kind: UrlKind) => urlFault(urls[row]!, urls.slice(0, row), kind);

/** What keeps a list from being saved, for the form's check. */
export function urlsFault(urls: string[] | undefined, kind: UrlKind = 'url'): string | undefined {
  const fault = urls?.map((_, row) => faultAt(urls, row, kind)).find((fault) => fault !== undefined);
  return fault === undefined ? undefined : WORDS[fault];
}

/** Addresses, one per row, each with its own error; pasting several lines makes several rows. */
export function UrlListField({ label, help, value, onChange, kind = 'url', placeholder, disabled }: {
  label: string;
  help?: ReactNode;
  value: string[];
  onChange: (urls: string[]) => void;
  kind?: UrlKind;
  placeholder?: string;
  disabled?: boolean | undefined;
}) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const focusRow = (row: number) => requestAnimationFrame(() => list.current?.querySelectorAll('input')[row]?.focus());
  const put = (row: number, parts: string[]) => onChange([...value.slice(0, row), ...parts, ...value.slice(row + 1)]);
  return (
    <fieldset className="field" aria-describedby={`${id}h`}>
      <legend className="label" style={{ marginBottom: 4 }}>{label}</legend>
      <div className="help" id={`${id}h`} style={{ marginBottom: 4 }}>{help} {ui.urlPasteHint}</div>
      <div className="stack tight" ref={list}>
        {value.map((url, row) => {
          const fault = faultAt(value, row, kind);
          const risk = fault === undefined ? urlRisk(url, config.tenant.environment === 'production') : undefined;
          const note = fault !== undefined || risk !== undefined ? `${id}${row}` : undefined;
          return (
            // Rows have no identity but their place.
            <div key={row} className="field">
              <div className="input-row">
                <input
                  className="input mono" aria-label={ui.urlRow(label, row + 1)} value={url} disabled={disabled} spellCheck={false}
                  placeholder={placeholder} autoComplete="off"
                  {...(note !== undefined && { 'aria-describedby': note })} {...(fault !== undefined && { 'aria-invalid': true })}
                  onChange={(event) => put(row, [event.target.value])}
                  onPaste={(event) => {
                    const parts = splitUrls(event.clipboardData.getData('text'));
                    if (parts.length < 2) return;
                    event.preventDefault();
                    put(row, url === '' ? parts : [url, ...parts]);
                    focusRow(row + parts.length - (url === '' ? 1 : 0));
                  }}
                  onKeyDown={(event) => {
                    if (event.key !== 'Enter') return;
                    event.preventDefault();
                    put(row, [url, '']);
                    focusRow(row + 1);
                  }}
                />
                <IconButton icon={X} label={ui.removeUrl(url)} disabled={disabled} onClick={() => { put(row, []); focusRow(Math.max(row - 1, 0)); }} />
              </div>
              {fault !== undefined && <FieldError id={note!}>{WORDS[fault]}</FieldError>}
              {risk !== undefined && <div className="warn" id={note}>{ui.urlRisks[risk]}</div>}
            </div>
          );
        })}
        <div><Button small icon={Plus} disabled={disabled} aria-label={`${ui.addUrl}: ${label}`} onClick={() => { onChange([...value, '']); focusRow(value.length); }}>{ui.addUrl}</Button></div>
      </div>
    </fieldset>
  );
}

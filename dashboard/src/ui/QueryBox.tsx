import { Popover } from 'radix-ui';
import { useEffect, useId, useRef, useState } from 'react';
import { queryFault, type Fields } from '../lib/lucene';
import { query as text } from '../text/query';
import { ui } from '../text/ui';
import { Button, IconButton } from './Button';
import { FieldError } from './fields';
import { Info, Search, X } from './icons';
import './query.css';

/** What is said of a thing that is searched. */
export type QueryWords = { query: string; queryPlaceholder: string; syntaxRules: [string, string][] };

/**
 * The query as text. Enter searches; a query that is wrong says where, and changes nothing. `refused` is the server's word.
 * With `rest` a query that is right is searched for as soon as typing rests for so many milliseconds.
 */
export function QueryBox({ value, refused, onSearch, words, fields, rest }: {
  value: string;
  refused: string | undefined;
  onSearch: (q: string) => void;
  words: QueryWords;
  fields: Fields;
  rest?: number;
}) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  const [tried, setTried] = useState(value);
  useEffect(() => {
    // What is searched for is what was typed, less blanks at its ends.
    setTyped((typed) => (typed.trim() === value ? typed : value));
    setTried((tried) => (tried.trim() === value ? tried : value));
  }, [value]);
  const search = (q: string) => {
    setTyped(q);
    setTried(q);
    onSearch(q.trim());
  };
  const told = useRef(search);
  told.current = search;
  useEffect(() => {
    if (rest === undefined || typed.trim() === value || queryFault(typed, fields) !== undefined) return;
    const timer = setTimeout(() => told.current(typed), rest);
    return () => clearTimeout(timer);
  }, [rest, typed, value, fields]);
  // While somebody goes on typing, the old fault is of no interest.
  const isSettled = typed.trim() === tried.trim();
  const fault = isSettled ? queryFault(tried, fields) : undefined;
  const isWrong = fault !== undefined || (isSettled && refused !== undefined);
  return (
    <div className="query">
      <form className="filter" role="search" onSubmit={(event) => { event.preventDefault(); search(typed); }}>
        <Search className="icon" size={16} aria-hidden />
        <input
          className="input mono" data-filter type="text" aria-label={words.query} placeholder={words.queryPlaceholder} autoComplete="off" autoCapitalize="off" spellCheck={false}
          value={typed} {...(isWrong && { 'aria-invalid': true, 'aria-describedby': `${id}e` })}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={() => { if (typed.trim() === '' && value !== '') search(''); }}
        />
        <span className="query-ends">
          {typed !== '' && <IconButton icon={X} small label={text.clear} onClick={() => search('')} />}
          <Syntax onUse={search} words={words} fields={fields} />
        </span>
      </form>
      <div role="alert">
        {isWrong && (
          <FieldError id={`${id}e`}>
            <span>
              {fault === undefined ? refused : <>{text.faults[fault.kind]} {text.faultAt(fault.at + 1)} <Where q={tried} {...fault} /></>}
              {' '}<span className="muted">{text.stillShown}</span>
            </span>
          </FieldError>
        )}
      </div>
    </div>
  );
}

function Where({ q, at, length }: { q: string; at: number; length: number }) {
  return <code className="query-where">{q.slice(0, at)}<mark>{q.slice(at, at + length)}</mark>{q.slice(at + length)}</code>;
}

function Syntax({ onUse, words, fields }: { onUse: (q: string) => void; words: QueryWords; fields: Fields }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild><Button kind="quiet" small icon={Info}>{text.syntax}</Button></Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu query-syntax" align="end" sideOffset={6} collisionPadding={8} aria-label={text.title}>
          <div className="row spread nowrap"><h2>{text.title}</h2><Popover.Close asChild><IconButton icon={X} small label={ui.close} /></Popover.Close></div>
          <dl>
            {words.syntaxRules.map(([example, meaning]) => (
              <div key={example}>
                <dt><button type="button" className="button link mono" aria-label={text.use(example)} onClick={() => { setOpen(false); onUse(example); }}>{example}</button></dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
          <h3>{text.fields}</h3>
          <p className="mono small muted">{fields.named.join(', ')}</p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

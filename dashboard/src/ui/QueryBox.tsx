import { Popover } from 'radix-ui';
import { useEffect, useId, useState } from 'react';
import { LOG_FIELDS, queryFault } from '../../lib/lucene';
import { logs as text } from '../../text/logs';
import { ui } from '../../text/ui';
import { Button, FieldError, IconButton } from '../../ui';
import { Info, Search, X } from '../../ui/icons';

/** The query as text. Enter searches; a query that is wrong says where, and changes nothing. `refused` is the server's word. */
export function QueryBox({ value, refused, onSearch }: { value: string; refused: string | undefined; onSearch: (q: string) => void }) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  const [tried, setTried] = useState(value);
  useEffect(() => {
    setTyped(value);
    setTried(value);
  }, [value]);
  const search = (q: string) => {
    setTyped(q);
    setTried(q);
    onSearch(q.trim());
  };
  // While somebody goes on typing, the old fault is of no interest.
  const isSettled = typed === tried;
  const fault = isSettled ? queryFault(tried) : undefined;
  const isWrong = fault !== undefined || (isSettled && refused !== undefined);
  return (
    <div className="log-query">
      <form className="filter" role="search" onSubmit={(event) => { event.preventDefault(); search(typed); }}>
        <Search className="icon" size={16} aria-hidden />
        <input
          className="input mono" data-filter type="text" aria-label={text.query} placeholder={text.queryPlaceholder} autoComplete="off" autoCapitalize="off" spellCheck={false}
          value={typed} {...(isWrong && { 'aria-invalid': true, 'aria-describedby': `${id}e` })}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={() => { if (typed.trim() === '' && value !== '') search(''); }}
        />
        <span className="log-query-ends">
          {typed !== '' && <IconButton icon={X} small label={text.clearQuery} onClick={() => search('')} />}
          <Syntax onUse={search} />
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
  return <code className="log-where">{q.slice(0, at)}<mark>{q.slice(at, at + length)}</mark>{q.slice(at + length)}</code>;
}

function Syntax({ onUse }: { onUse: (q: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild><Button kind="quiet" small icon={Info}>{text.syntax}</Button></Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu log-syntax" align="end" sideOffset={6} collisionPadding={8} aria-label={text.syntaxTitle}>
          <div className="row spread nowrap"><h2>{text.syntaxTitle}</h2><Popover.Close asChild><IconButton icon={X} small label={ui.close} /></Popover.Close></div>
          <dl>
            {text.syntaxRules.map(([example, meaning]) => (
              <div key={example}>
                <dt><button type="button" className="button link mono" aria-label={text.syntaxUse(example)} onClick={() => { setOpen(false); onUse(example); }}>{example}</button></dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
          <h3>{text.syntaxFields}</h3>
          <p className="mono small muted">{LOG_FIELDS.join(', ')}</p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

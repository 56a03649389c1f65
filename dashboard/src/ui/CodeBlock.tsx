import { useId, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { ui } from '../text/ui';
import { CopyButton } from './CopyButton';

export type Snippet = {
  /** Stable name, which the choice is remembered by. */
  id: string;
  label: string;
  code: string;
  /** What is copied where it differs from what is shown, such as a masked secret. */
  copy?: () => string | Promise<string>;
  /** What has to be known beside it. */
  note?: ReactNode;
};

// The chosen language holds for all blocks of its kind, and for the next visit.
const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

function choose(memory: string, id: string) {
  localStorage.setItem(memory, id);
  for (const listener of listeners) listener();
}

/** One snippet in several languages, as tabs. `memory` names what the choice is remembered as. */
export function CodeTabs({ snippets, what, actions, memory = 'language' }: { snippets: Snippet[]; what: string; actions?: ReactNode; memory?: string }) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const remembered = useSyncExternalStore(subscribe, () => localStorage.getItem(memory) ?? '');
  const current = snippets.find((snippet) => snippet.id === remembered) ?? snippets[0]!;
  const move = (to: number) => {
    const next = snippets.at(to % snippets.length)!;
    choose(memory, next.id);
    list.current?.querySelectorAll('button')[snippets.indexOf(next)]?.focus();
  };
  const place = snippets.indexOf(current);
  return (
    <>
      <div className="code">
        <div className="head">
          <div
            className="languages" role="tablist" aria-label={`${ui.language}: ${what}`} ref={list}
            onKeyDown={(event) => {
              const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: -1 }[event.key];
              if (to === undefined) return;
              event.preventDefault();
              move(to);
            }}
          >
            {snippets.map((snippet) => (
              <button
                key={snippet.id} type="button" role="tab" id={`${id}${snippet.id}`} aria-selected={snippet === current}
                aria-controls={`${id}panel`} tabIndex={snippet === current ? 0 : -1} onClick={() => choose(memory, snippet.id)}
              >
                {snippet.label}
              </button>
            ))}
          </div>
          {actions}
          <CopyButton value={current.copy ?? current.code} what={`${what}, ${current.label}`} small={false} />
        </div>
        <pre role="tabpanel" id={`${id}panel`} aria-labelledby={`${id}${current.id}`} tabIndex={0}><code>{current.code}</code></pre>
      </div>
      {current.note}
    </>
  );
}

/** One piece of code or JSON. */
export function CodeBlock({ code, what, copy, label }: { code: string; what: string; copy?: () => string | Promise<string>; label?: string }) {
  return (
    <div className={label === undefined ? 'code bare' : 'code'}>
      {label !== undefined && <div className="head"><span className="grow strong small">{label}</span><CopyButton value={copy ?? code} what={what} small={false} /></div>}
      <pre tabIndex={0} role="group" aria-label={what}><code>{code}</code></pre>
      {label === undefined && <CopyButton value={copy ?? code} what={what} small={false} />}
    </div>
  );
}

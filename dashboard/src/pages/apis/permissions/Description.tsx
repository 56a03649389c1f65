import { useRef, useState } from 'react';
import type { Scope } from '../../../api/resourceServers';
import { apis as words } from '../../../text/apis';
import { ui } from '../../../text/ui';
import { IconButton, Nothing, toast, wordsOf } from '../../../ui';
import { Check, Pencil, X } from '../../../ui/icons';
import { descriptionFault } from './scopes';

/** A description that is edited where it stands: Enter saves, Escape leaves it. */
export function Description({ scope, save, mayEdit }: { scope: Scope; save: (description: string) => Promise<void>; mayEdit: boolean }) {
  const [typed, setTyped] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const edit = useRef<HTMLButtonElement>(null);
  const close = () => {
    setTyped(undefined);
    requestAnimationFrame(() => edit.current?.focus());
  };
  const run = async () => {
    const description = typed?.trim() ?? '';
    if (description === (scope.description ?? '')) return close();
    setBusy(true);
    try {
      await save(description);
      close();
    } catch (error) {
      toast(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  if (typed === undefined) {
    return (
      <span className="in-place">
        <span className="anywhere">{scope.description ?? <Nothing />}</span>
        {mayEdit && <IconButton ref={edit} icon={Pencil} size={14} small label={words.scopes.edit(scope.value)} onClick={() => setTyped(scope.description ?? '')} />}
      </span>
    );
  }
  const fault = descriptionFault(typed);
  return (
    <form
      className="in-place" onSubmit={(event) => { event.preventDefault(); if (fault === undefined && !isBusy) void run(); }}
      onKeyDown={(event) => { if (event.key === 'Escape') { event.stopPropagation(); close(); } }}
    >
      <input className="input" autoFocus aria-label={words.scopes.descriptionOf(scope.value)} aria-invalid={fault !== undefined} title={fault && words.scopes.faults.description()} value={typed} onChange={(event) => setTyped(event.target.value)} onFocus={(event) => event.target.select()} />
      <IconButton icon={Check} small type="submit" label={ui.save} disabled={isBusy || fault !== undefined} />
      <IconButton icon={X} small label={ui.cancel} onClick={close} />
    </form>
  );
}

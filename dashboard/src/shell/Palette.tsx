// Search and commands. Whatever is pasted leads to what it names; a token leads to the inspector.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Dialog as Radix } from 'radix-ui';
import { useEffect, useId, useState, type KeyboardEvent } from 'react';
import { config } from '../api/config';
import { searchQuery } from '../api/search';
import { tenantsQuery } from '../api/tenant';
import { palette as text } from '../text/palette';
import { useFocusReturn } from '../ui/Dialog';
import { ArrowRight } from '../ui/icons';
import { can } from '../auth/me';
import { takeEarly } from './shortcuts';
import { acts, fitting, ofRecent, ofResult, ofToken, places, tokenIn, type Command, type Go } from './commands';

/** So long typing rests before the server is asked. */
const REST_MS = 70;
const CLIENT_ID = /^[A-Za-z0-9]{32}$/;
/** A place or act that is called exactly so, or begins so, stands before what was found. */
const NAMED = 5;

export default function Palette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const id = useId();
  const [q, setQ] = useState('');
  useEffect(() => setQ(takeEarly()), []);
  const [at, setAt] = useState(0);
  const { commands, isAsking, hasFailed } = useCommands(q.trim(), onShortcuts);
  const current = Math.min(at, commands.length - 1);
  const giveBack = useFocusReturn(true);
  // Enter was pressed before the answer was there.
  const [isWaiting, setWaiting] = useState(false);

  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  useEffect(() => {
    if (!isWaiting || isAsking) return;
    setWaiting(false);
    run(commands[current]);
  });
  const onKey = (event: KeyboardEvent) => {
    const to = { ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: -1 }[event.key];
    const isMovingInText = (event.key === 'Home' || event.key === 'End') && q !== '';
    if (to !== undefined && !isMovingInText && commands.length > 0) {
      event.preventDefault();
      const next = (to + commands.length) % commands.length;
      setAt(next);
      document.getElementById(`${id}${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      if (isAsking && at === 0) setWaiting(true);
      else run(commands[current]);
    }
  };
  return (
    <Radix.Root open onOpenChange={(isOpen) => { if (!isOpen) onClose(); }}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content
          className="dialog top small" style={{ '--width': '640px' } as object} aria-describedby={undefined}
          onCloseAutoFocus={giveBack}
        >
          <Radix.Title className="sr">{text.title}</Radix.Title>
          <input
            className="palette-input" autoFocus placeholder={text.placeholder} value={q} autoComplete="off" autoCapitalize="none" spellCheck={false}
            role="combobox" aria-expanded aria-autocomplete="list" aria-label={text.title} aria-controls={`${id}list`} aria-describedby={`${id}hint`}
            {...(commands.length > 0 && { 'aria-activedescendant': `${id}${current}` })}
            onChange={(event) => { setQ(event.target.value); setAt(0); setWaiting(false); }} onKeyDown={onKey}
          />
          <div className="palette-list" role="listbox" id={`${id}list`} aria-label={text.title} aria-busy={isAsking}>
            {groups(commands).map(({ group, from, commands }) => (
              <div key={`${group}${from}`} role="group" aria-label={group}>
                <div className="menu-label" aria-hidden>{group}</div>
                {commands.map((command, index) => (
                  <Item key={command.id} id={`${id}${from + index}`} command={command} isCurrent={from + index === current} onPoint={() => setAt(from + index)} onRun={() => run(command)} />
                ))}
              </div>
            ))}
          </div>
          {commands.length === 0 && <p className="muted" style={{ padding: '0 16px 12px' }}>{isAsking ? text.searching : CLIENT_ID.test(q.trim()) ? text.elsewhere(q.trim()) : text.nothing(q.trim())}</p>}
          {hasFailed && <p className="text-danger small" style={{ padding: '0 16px 12px' }}>{text.failed}</p>}
          <p className="sr" role="status">{q !== '' && !isAsking && text.results(commands.length)}</p>
          <div className="palette-foot muted small" id={`${id}hint`}>
            <span><kbd>↑</kbd> <kbd>↓</kbd> {text.hint[0]}</span><span><kbd>↵</kbd> {text.hint[1]}</span><span><kbd>Esc</kbd> {text.hint[2]}</span>
            <span className="grow">{text.paste}</span>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Item({ id, command: { icon: Icon, label, detail }, isCurrent, onPoint, onRun }: { id: string; command: Command; isCurrent: boolean; onPoint: () => void; onRun: () => void }) {
  return (
    <div className="palette-item" role="option" id={id} aria-selected={isCurrent} onMouseMove={onPoint} onClick={onRun}>
      <Icon className="icon" size={16} aria-hidden />
      <span className="grow clip">{label}</span>
      {detail !== undefined && <span className="muted small clip" style={{ maxWidth: '48%' }}>{detail}</span>}
      {isCurrent && <ArrowRight className="icon" size={14} aria-hidden />}
    </div>
  );
}

/** What there is to choose from for what was typed, and whether more is to come. */
function useCommands(q: string, onShortcuts: () => void): { commands: Command[]; isAsking: boolean; hasFailed: boolean } {
  const navigate = useNavigate();
  const rested = useRested(q);
  const token = tokenIn(q);
  const found = useQuery({ ...searchQuery(token === undefined ? rested : ''), placeholderData: (before) => before });
  const tenants = useQuery({ ...tenantsQuery(), enabled: config.devToken === undefined && can('read:tenants') });
  const go: Go = (to, search) => () => void navigate({ to, ...(search && { search }) } as never);

  if (token !== undefined) return { commands: [ofToken(token)], isAsking: false, hasFailed: false };
  const [pages, deeds] = [places(go), acts(go, tenants.data ?? [], onShortcuts)];
  if (q === '') return { commands: [...ofRecent(go), ...pages, ...deeds], isAsking: false, hasFailed: false };
  const results = (found.data ?? []).flatMap((result, index) => ofResult(result, go, index === 0));
  const [fittingPages, fittingDeeds] = [fitting(q, pages), fitting(q, deeds)];
  const named = [...fittingPages, ...fittingDeeds].filter(({ at }) => at >= NAMED);
  const others = [...fittingPages, ...fittingDeeds].filter(({ at }) => at < NAMED);
  const isExact = found.data?.[0]?.exact === true;
  const own = (list: typeof named) => list.map(({ command }) => command);
  return {
    commands: isExact ? [...results, ...own(named), ...own(others)] : [...own(named), ...results, ...own(others)],
    isAsking: rested !== q || found.isPlaceholderData || found.isLoading,
    hasFailed: found.isError,
  };
}

/** What was typed, once typing rests. */
function useRested(q: string): string {
  const [rested, setRested] = useState(q);
  useEffect(() => {
    const timer = setTimeout(() => setRested(q), REST_MS);
    return () => clearTimeout(timer);
  }, [q]);
  return rested;
}

/** Neighbours of one group together, with their place among all. */
function groups(commands: Command[]): { group: string; from: number; commands: Command[] }[] {
  const all: { group: string; from: number; commands: Command[] }[] = [];
  for (const [index, command] of commands.entries()) {
    const last = all.at(-1);
    if (last?.group === command.group) last.commands.push(command);
    else all.push({ group: command.group, from: index, commands: [command] });
  }
  return all;
}

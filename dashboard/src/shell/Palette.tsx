// Search and commands. Whatever is pasted leads to what it names; a token leads to the inspector.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Dialog as Radix } from 'radix-ui';
import { useDeferredValue, useId, useState, type KeyboardEvent } from 'react';
import { basePath } from '../api/config';
import { searchQuery, type SearchResult } from '../api/extras';
import { can } from '../auth/me';
import { shell } from '../text/shell';
import { ui } from '../text/ui';
import { announce } from '../ui/announce';
import { copyText } from '../ui/CopyButton';
import { AppWindow, ArrowRight, Clock, Copy, KeyRound, Monitor, Moon, Plus, ScanSearch, ScrollText, Server, Sun, type LucideIcon } from '../ui/icons';
import { inspect } from '../ui/inspect';
import { chooseTheme } from '../ui/theme';
import { PLACES } from './Nav';
import { recent } from './recent';

type Command = { id: string; label: string; detail?: string; icon: LucideIcon; group: string; run: () => void };

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const ICONS: Record<string, LucideIcon> = { client: AppWindow, resource_server: Server, log: ScrollText, signing_key: KeyRound };

export default function Palette({ onClose }: { onClose: () => void }) {
  const id = useId();
  const navigate = useNavigate();
  const [q, setQ] = useState('');
  const [at, setAt] = useState(0);
  const asked = useDeferredValue(q.trim());
  const isToken = TOKEN.test(q.trim()) && q.trim().startsWith('ey');
  const found = useQuery({ ...searchQuery(asked), enabled: asked !== '' && !isToken, placeholderData: (before) => before });
  const go = (to: string, search?: Record<string, string>) => () => void navigate({ to, ...(search && { search }) } as never);
  const words = shell.palette;

  const statics: Command[] = [
    ...PLACES.flatMap(({ places }) => places).filter((place) => place.only?.() ?? true).map((place) => ({ id: place.to, label: place.label, icon: place.icon, group: words.goTo, run: go(place.to) })),
    ...(can('create:clients') ? [{ id: 'new-client', label: words.createApplication, icon: Plus, group: words.actions, run: go('/applications', { create: '1' }) }] : []),
    ...(can('create:resource_servers') ? [{ id: 'new-api', label: words.createApi, icon: Plus, group: words.actions, run: go('/apis', { create: '1' }) }] : []),
    ...(['light', 'dark', 'system'] as const).map((theme, index) => ({ id: theme, label: words.themeTo(shell.themes[theme]), icon: [Sun, Moon, Monitor][index]!, group: words.actions, run: () => chooseTheme(theme) })),
  ];
  const needle = q.trim().toLowerCase();
  const commands: Command[] = isToken
    ? [{ id: 'inspect', label: words.inspect, detail: `${q.trim().slice(0, 24)}…`, icon: ScanSearch, group: words.found, run: () => inspect({ token: q.trim() }) }]
    : needle === ''
      ? [...recent().map((page) => ({ id: `recent ${page.path}`, label: page.title, icon: Clock, group: words.recent, run: go(page.path.slice(basePath.length) || '/') })), ...statics]
      : [...(found.data ?? []).flatMap((result) => ofResult(result, go, words)), ...statics.filter(({ label }) => label.toLowerCase().includes(needle))];
  const current = Math.min(at, commands.length - 1);

  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = (current + step + commands.length) % commands.length;
      setAt(next);
      document.getElementById(`${id}${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(commands[current]);
    }
  };
  return (
    <Radix.Root open onOpenChange={(isOpen) => { if (!isOpen) onClose(); }}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content className="dialog top small" style={{ '--width': '620px' } as object} aria-describedby={undefined}>
          <Radix.Title className="sr">{words.title}</Radix.Title>
          <input
            className="palette-input" autoFocus placeholder={words.placeholder} value={q} autoComplete="off" spellCheck={false}
            role="combobox" aria-expanded aria-autocomplete="list" aria-label={words.title} aria-controls={`${id}list`}
            {...(commands.length > 0 && { 'aria-activedescendant': `${id}${current}` })}
            onChange={(event) => { setQ(event.target.value); setAt(0); }} onKeyDown={onKey}
          />
          <div className="palette-list" role="listbox" id={`${id}list`} aria-label={words.title}>
            {commands.map((command, index) => (
              <div key={command.id} role="presentation">
                {commands[index - 1]?.group !== command.group && <div className="menu-label" role="presentation">{command.group}</div>}
                <div className="palette-item" role="option" id={`${id}${index}`} aria-selected={index === current} onMouseMove={() => setAt(index)} onClick={() => run(command)}>
                  <command.icon className="icon" size={16} aria-hidden />
                  <span className="grow clip">{command.label}</span>
                  {command.detail !== undefined && <span className="muted small clip" style={{ maxWidth: '45%' }}>{command.detail}</span>}
                  {index === current && <ArrowRight className="icon" size={14} aria-hidden />}
                </div>
              </div>
            ))}
          </div>
          {commands.length === 0 && !found.isFetching && <p className="muted" style={{ padding: '0 16px 12px' }}>{words.nothing(q)}</p>}
          <p className="sr" role="status">{q !== '' && words.results(commands.length)}</p>
          <p className="muted small" style={{ padding: '8px 16px', borderTop: '1px solid var(--line)' }}>{words.hint}</p>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function ofResult(result: SearchResult, go: (to: string, search?: Record<string, string>) => () => void, words: typeof shell.palette): Command[] {
  const to = placeOf(result);
  const kind = words.kinds[result.kind] ?? result.kind;
  const open: Command = { id: `${result.kind} ${result.id}`, label: result.name === '' ? result.id : result.name, detail: [kind, result.detail].filter(Boolean).join(' · '), icon: ICONS[result.kind] ?? ArrowRight, group: words.found, run: go(to) };
  if (result.kind !== 'client') return [open];
  const copy = async () => {
    if (await copyText(result.id)) announce(ui.copied(words.copyId(result.name)));
  };
  return [open, { id: `copy ${result.id}`, label: words.copyId(result.name), icon: Copy, group: words.found, run: () => void copy() }];
}

function placeOf({ kind, id }: SearchResult): string {
  const part = encodeURIComponent(id);
  if (kind === 'client') return `/applications/${part}/settings`;
  if (kind === 'resource_server') return `/apis/${part}/settings`;
  if (kind === 'log') return `/logs/${part}`;
  if (kind === 'signing_key') return '/tenant/signing-keys';
  return '/tenants';
}

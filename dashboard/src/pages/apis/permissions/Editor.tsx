// The permissions of one's own API; each change is saved at once and can be undone.
import { Link } from '@tanstack/react-router';
import { useRef, useState, type ClipboardEvent } from 'react';
import type { Versioned } from '../../../api/http';
import type { ResourceServer, Scope } from '../../../api/resourceServers';
import { can } from '../../../auth/me';
import { apis as words } from '../../../text/apis';
import { ui } from '../../../text/ui';
import {
  announce, Button, ConfirmDialog, DataTable, EmptyState, ErrorPanel, FilterInput, IconButton, Nothing, TextField, toast, useSearchParam, wordsOf,
  type Column,
} from '../../../ui';
import { KeyRound, ListFilter, Plus, Trash2 } from '../../../ui/icons';
import { useAuthorized, type Authorized } from '../authorized';
import { Description } from './Description';
import { PasteMany } from './PasteMany';
import { MOST_SCOPES, descriptionFault, scopeFault, scopeOf } from './scopes';
import { useScopes } from './useScopes';
import { useAttempt } from '../../../ui/useAttempt';

const FEW = 8;
const MANY = 100;

export function Editor({ read }: { read: Versioned<ResourceServer> }) {
  const api = read.value;
  const scopes = api.scopes ?? [];
  const save = useScopes(read);
  const mayEdit = can('update:resource_servers');
  const [q, setQ] = useSearchParam('q');
  const [isPasting, setPasting] = useState(false);
  const [pasted, setPasted] = useState('');
  const [doomed, setDoomed] = useState<Scope>();
  const authorized = useAuthorized(api.identifier);
  const holders = (scope: string) => authorized.list.filter(({ grant }) => grant.allow_all_scopes === true || grant.scope?.includes(scope));
  const needle = q.trim().toLowerCase();
  const shown = scopes.filter(({ value, description = '' }) => `${value} ${description}`.toLowerCase().includes(needle));

  const remove = async (scope: Scope) => {
    const place = scopes.findIndex(({ value }) => value === scope.value);
    await save((scopes) => scopes.filter(({ value }) => value !== scope.value));
    const undo = () => save((scopes) => (scopes.some(({ value }) => value === scope.value) ? scopes : scopes.toSpliced(place, 0, scope))).catch((error) => toast(wordsOf(error)));
    toast(words.scopes.deleted(scope.value), { undo });
  };
  // Nobody holds it: deleting it does nobody any harm, and it can be undone.
  const ask = (scope: Scope) => {
    if (authorized.error === null && !authorized.isPending && holders(scope.value).length === 0) void remove(scope).catch((error) => toast(wordsOf(error)));
    else setDoomed(scope);
  };
  const columns: Column<Scope>[] = [
    { key: 'permission', header: words.scopes.permission, cell: ({ value }) => <code className="strong anywhere">{value}</code>, sort: ({ value }) => value, width: '28%' },
    {
      key: 'description', header: words.scopes.description, sort: ({ description }) => description ?? '',
      cell: (scope) => (
        <Description
          scope={scope} mayEdit={mayEdit}
          save={async (description) => {
            await save((scopes) => scopes.map((one) => (one.value === scope.value ? scopeOf(one.value, description) : one)));
            announce(ui.saved);
          }}
        />
      ),
    },
    { key: 'holders', header: words.scopes.heldBy, end: true, sort: ({ value }) => holders(value).length, cell: ({ value }) => <Holders of={holders(value)} isKnown={!authorized.isPending && authorized.error === null} api={api} /> },
    ...(mayEdit ? [{ key: 'actions', header: words.actions, actions: true, cell: (scope: Scope) => <IconButton icon={Trash2} label={words.scopes.delete(scope.value)} onClick={() => ask(scope)} /> }] : []),
  ];
  return (
    <div className="stack">
      {mayEdit && <AddOne scopes={scopes} save={save} onPasteMany={(text) => { setPasted(text); setPasting(true); }} />}
      {scopes.length > FEW && <div className="toolbar"><FilterInput value={q} onChange={setQ} label={words.scopes.filter} status={words.scopes.count(shown.length, scopes.length)} /></div>}
      {scopes.length === 0 ? (
        <EmptyState icon={KeyRound} title={words.scopes.emptyTitle}>{words.scopes.emptyBody}</EmptyState>
      ) : shown.length === 0 ? (
        <EmptyState icon={ListFilter} title={ui.noMatch(q)} actions={<Button onClick={() => setQ('')}>{ui.clearFilter}</Button>} />
      ) : (
        <DataTable label={words.permissions} columns={columns} rows={shown} rowKey={({ value }) => value} {...(shown.length > MANY && { virtual: { rowHeight: 48, height: '70vh' } })} />
      )}
      {scopes.length > 0 && scopes.length <= FEW && <p className="sr" role="status">{words.scopes.count(shown.length, scopes.length)}</p>}
      <PasteMany
        open={isPasting} text={pasted} onText={setPasted} onClose={() => setPasting(false)} scopes={scopes}
        save={async (change, added) => {
          await save(change);
          announce(words.scopes.pastedDone(added));
        }}
      />
      <ConfirmDialog open={doomed !== undefined} onClose={() => setDoomed(undefined)} title={words.scopes.deleteTitle(doomed?.value ?? '')} confirm={words.scopes.deleteConfirm} act={() => remove(doomed!)}>
        {doomed !== undefined && <Effect of={holders(doomed.value)} error={authorized.error} />}
      </ConfirmDialog>
    </div>
  );
}

function Holders({ of, isKnown, api }: { of: Authorized[]; isKnown: boolean; api: ResourceServer }) {
  if (!isKnown) return <Nothing />;
  if (of.length === 0) return <span className="muted">{words.scopes.nobody}</span>;
  return <Link to="/apis/$id/applications" params={{ id: api.id }} search={{ show: 'authorized' } as never} title={of.slice(0, 12).map(({ name }) => name).join(', ')}>{words.scopes.holders(of.length)}</Link>;
}

function Effect({ of, error }: { of: Authorized[]; error: unknown }) {
  if (error !== null) return <ErrorPanel error={error} title={words.scopes.holdersUnknown} />;
  if (of.length === 0) return <p>{words.scopes.deleteFree}</p>;
  return (
    <>
      <p>{words.scopes.deleteHeld(of.length)}</p>
      <ul className="bullets">
        {of.slice(0, 10).map(({ id, name }) => <li key={id} className="strong anywhere">{name}</li>)}
        {of.length > 10 && <li className="muted">{words.andMore(of.length - 10)}</li>}
      </ul>
      <p>{words.scopes.deleteEffect}</p>
    </>
  );
}

function AddOne({ scopes, save, onPasteMany }: {
  scopes: Scope[];
  save: (change: (scopes: Scope[]) => Scope[]) => Promise<void>;
  onPasteMany: (text: string) => void;
}) {
  const [value, setValue] = useState('');
  const [description, setDescription] = useState('');
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt, forgetError } = useAttempt();
  const first = useRef<HTMLInputElement>(null);
  const name = value.trim();
  const named = scopeFault(name, scopes.map(({ value }) => value));
  const fault = scopes.length >= MOST_SCOPES ? words.scopes.full(MOST_SCOPES) : named && words.scopes.faults[named](name);
  const long = descriptionFault(description) && words.scopes.faults.description();
  const add = async () => {
    setTried(true);
    forgetError();
    if (fault !== undefined || long !== undefined) return first.current?.focus();
    await attempt(async () => {
      await save((scopes) => [...scopes.filter((scope) => scope.value !== name), scopeOf(name, description.trim())]);
      announce(words.scopes.added(name));
      setValue('');
      setDescription('');
      setTried(false);
      first.current?.focus();
    });
  };
  // Several lines are meant for the other form.
  const paste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData('text');
    if (!text.trim().includes('\n')) return;
    event.preventDefault();
    onPasteMany(text.trim());
  };
  return (
    <form className="card add-scope" noValidate aria-label={words.scopes.addTitle} onSubmit={(event) => { event.preventDefault(); void add(); }}>
      <div className="body stack">
        <div className="add-row">
          <TextField
            ref={first} label={words.scopes.permission} required mono placeholder="read:orders" value={value} onChange={setValue} onPaste={paste}
            error={isTried || named === 'reserved' || named === 'twice' || named === 'malformed' ? fault : undefined} help={words.scopes.permissionHelp}
          />
          <TextField label={words.scopes.description} placeholder={words.scopes.descriptionPlaceholder} value={description} onChange={setDescription} error={long} help={words.scopes.descriptionHelp} />
          <div className="row nowrap buttons">
            <Button kind="primary" icon={Plus} type="submit" busy={isBusy}>{words.scopes.add}</Button>
            <Button onClick={() => onPasteMany('')}>{words.scopes.pasteMany}</Button>
          </div>
        </div>
        {error !== undefined && <ErrorPanel error={error} />}
      </div>
    </form>
  );
}

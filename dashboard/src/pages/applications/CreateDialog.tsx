// From a name to an application that can call an API, without leaving the dialog. Nothing is made before the last step,
// and what was made before a failure is not made twice.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { createGrant } from '../../api/clientGrants';
import { createClient, type Client } from '../../api/clients';
import { ApiError } from '../../api/http';
import { createResourceServer, resourceServersQuery, type ResourceServer, type Scope } from '../../api/resourceServers';
import { can } from '../../auth/me';
import { readScopes } from '../../lib/scopes';
import { applications } from '../../text/applications';
import { ui } from '../../text/ui';
import { Button, Dialog, ErrorPanel, Notice, RadioCards, ScopePicker, Select, Skeleton, TextArea, TextField, toast, UrlListField, urlsFault } from '../../ui';
import { Plus } from '../../ui/icons';
import { KINDS, kindIcon, type Kind } from './kinds';
import { MACHINE } from './sample';

const text = applications.dialog;

const OTHERS: Record<Exclude<Kind, 'non_interactive'>, Partial<Client>> = {
  regular_web: { token_endpoint_auth_method: 'client_secret_post', grant_types: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials'] },
  spa: { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'implicit', 'refresh_token'] },
  native: { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'implicit', 'refresh_token'] },
};

/** What keeps a name from being used. */
export function nameFault(name: string): string | undefined {
  if (name.trim() === '') return ui.nameMissing;
  return /[<>]/.test(name) ? ui.angleBrackets : undefined;
}

export default function CreateDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const nameInput = useRef<HTMLInputElement>(null);
  const [step, setStep] = useState<'type' | 'access'>('type');
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('non_interactive');
  const [callbacks, setCallbacks] = useState<string[]>([]);
  const [isTried, setTried] = useState(false);
  const access = useAccess();
  const made = useRef<{ client?: Client; api?: ResourceServer }>({});
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const forward = () => {
    setTried(true);
    if (nameFault(name) !== undefined) return nameInput.current?.focus();
    if (kind === 'non_interactive') {
      setTried(false);
      setError(undefined);
      return setStep('access');
    }
    if (urlsFault(callbacks) === undefined) void finish(false);
  };
  const finish = async (isAuthorizing: boolean) => {
    setTried(true);
    if (isAuthorizing && access.fault !== undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      if (isAuthorizing && access.isNew) made.current.api ??= await createResourceServer({ name: access.name.trim() || access.identifier, identifier: access.identifier.trim(), scopes: access.scopes });
      const urls = callbacks.filter((url) => url !== '');
      const rest = kind === 'non_interactive' ? MACHINE : { ...OTHERS[kind], ...(urls.length > 0 && { callbacks: urls }), oidc_conformant: true, jwt_configuration: MACHINE.jwt_configuration };
      made.current.client ??= await createClient({ name: name.trim(), app_type: kind, ...rest });
      const { client_id: clientId } = made.current.client;
      const audience = made.current.api?.identifier ?? access.api?.identifier;
      if (isAuthorizing && audience !== undefined) await createGrant({ client_id: clientId, audience, scope: access.picked });
      onClose();
      toast(text.created(name.trim()));
      await navigate({ to: '/applications/$clientId/quickstart', params: { clientId }, ...(audience !== undefined && isAuthorizing && { search: { audience } as never }) });
    } catch (error) {
      if (error instanceof ApiError && error.statusCode === 409 && made.current.client === undefined && access.isNew) access.take();
      else setError(error);
    } finally {
      setBusy(false);
    }
  };

  const isType = step === 'type';
  return (
    <Dialog
      open onClose={onClose} firm={name !== ''} width={760} title={isType ? text.title : text.titleAccess(name.trim())}
      aside={kind === 'non_interactive' && <p className="muted small" role="status">{text.step(isType ? 1 : 2, 2)}</p>}
      footer={isType ? (
        <>
          <Button onClick={onClose}>{ui.cancel}</Button>
          <Button kind="primary" busy={isBusy} onClick={forward}>{text.create}</Button>
        </>
      ) : (
        <>
          <Button kind="link" busy={isBusy} onClick={() => void finish(false)}>{text.skip}</Button>
          <span className="grow" />
          <Button onClick={() => { setStep('type'); setTried(false); }}>{text.back}</Button>
          <Button kind="primary" busy={isBusy} onClick={() => void finish(true)}>{text.authorize}</Button>
        </>
      )}
    >
      {isType ? (
        <form className="stack" onSubmit={(event) => { event.preventDefault(); forward(); }}>
          <TextField ref={nameInput} label={text.name} help={text.nameHelp} placeholder={text.namePlaceholder} required value={name} onChange={setName} error={isTried || /[<>]/.test(name) ? nameFault(name) : undefined} />
          <RadioCards label={text.type} required value={kind} onChange={setKind} column={300} cards={KINDS.map((value) => ({ value, title: text.cards[value][0]!, help: text.cards[value][1]!, icon: kindIcon(value) }))} />
          {kind !== 'non_interactive' && <UrlListField label={text.callbacks} help={text.callbacksHelp} value={callbacks} onChange={setCallbacks} placeholder="http://localhost:3000/callback" />}
          <button type="submit" hidden aria-hidden tabIndex={-1} />
        </form>
      ) : (
        <AccessStep access={access} isTried={isTried} />
      )}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

/** Which API, with which permissions: one there is, or one made here. */
function useAccess() {
  const apis = useQuery(resourceServersQuery());
  const [chosen, setChosen] = useState<string>();
  const [wantsNew, setNew] = useState(false);
  const [name, setName] = useState('');
  const [identifier, setIdentifier] = useState('');
  const [typedScopes, setTypedScopes] = useState('');
  const [takenAs, setTakenAs] = useState<string>();
  const [pickedOf, setPickedOf] = useState<Record<string, string[]>>({});
  const own = apis.data?.filter((api) => api.is_system !== true) ?? [];
  // With nothing but the Management API there, the next thing wanted is an API of one's own.
  const isNew = wantsNew;
  const api = isNew ? undefined : apis.data?.find((api) => api.id === (chosen ?? (own.length === 1 ? own[0]?.id : undefined)));
  const { scopes, bad: badScope } = readScopes(typedScopes);
  const bad = badScope && ui.scopeFaults[badScope.fault](badScope.scope);
  const known: Scope[] = isNew ? scopes : (api?.scopes ?? []);
  const slot = isNew ? 'new' : (api?.id ?? '');
  // What is being made here is wanted, so it starts all picked.
  const picked = (pickedOf[slot] ?? (isNew ? scopes.map((scope) => scope.value) : [])).filter((value) => known.some((scope) => scope.value === value));
  const isTaken = identifier !== '' && (takenAs === identifier || apis.data?.some((api) => api.identifier === identifier.trim()) === true);
  const fault = isNew
    ? identifier.trim() === '' ? text.identifierMissing : isTaken ? text.identifierTaken : bad
    : api === undefined ? text.noApi : undefined;
  return {
    apis, api, isNew, setNew, setChosen, name, setName, identifier, setIdentifier, typedScopes, setTypedScopes, scopes: known, scopesFault: bad, picked, isTaken, fault,
    pick: (scopes: string[]) => setPickedOf({ ...pickedOf, [slot]: scopes }),
    take: () => setTakenAs(identifier),
  };
}

function AccessStep({ access, isTried }: { access: ReturnType<typeof useAccess>; isTried: boolean }) {
  const { apis, api, isNew } = access;
  if (apis.isPending) return <Skeleton lines={6} height={28} />;
  if (apis.isError) return <ErrorPanel error={apis.error} retry={() => void apis.refetch()} />;
  const audience = isNew ? access.identifier.trim() : api?.identifier;
  const options = [{ value: '', label: text.apiNone }, ...apis.data.map((api) => ({ value: api.id, label: `${api.name ?? api.identifier} – ${api.identifier}` }))];
  return (
    <div className="stack">
      {isNew ? (
        <div className="well stack">
          <div className="row spread"><h3>{text.newApi}</h3><Button small kind="link" onClick={() => access.setNew(false)}>{text.existingApi}</Button></div>
          <TextField label={text.apiName} value={access.name} onChange={access.setName} placeholder="Orders API" autoFocus />
          <TextField label={text.apiIdentifier} help={text.apiIdentifierHelp} required mono value={access.identifier} onChange={access.setIdentifier} placeholder="https://orders.example" error={access.isTaken ? text.identifierTaken : isTried && access.identifier.trim() === '' ? text.identifierMissing : undefined} />
          <TextArea label={text.apiScopes} help={text.apiScopesHelp} mono rows={4} value={access.typedScopes} onChange={access.setTypedScopes} placeholder={text.apiScopesPlaceholder} error={access.scopesFault} />
        </div>
      ) : (
        <div className="stack tight">
          <Select label={text.api} required value={api?.id ?? ''} onChange={access.setChosen} options={options} error={isTried && api === undefined ? text.noApi : undefined} />
          {can('create:resource_servers') && <div><Button small icon={Plus} onClick={() => access.setNew(true)}>{text.newApi}</Button></div>}
        </div>
      )}
      {(api !== undefined || (isNew && access.scopes.length > 0)) && (
        <div className="stack tight">
          <h3>{text.permissions}</h3>
          <ScopePicker key={api?.id ?? 'new'} label={text.permissions} scopes={access.scopes} value={access.picked} onChange={access.pick} grouped={api?.is_system === true} />
        </div>
      )}
      {access.picked.some((scope) => /^(create|update):client_grants$/.test(scope)) && <Notice kind="warning" live>{text.widen}</Notice>}
      {audience !== undefined && audience !== '' && (
        <p className="small muted anywhere">{text.willSay}: <code>aud {audience}</code> · <code>scope “{preview(access.picked)}”</code></p>
      )}
    </div>
  );
}

const preview = (scopes: string[]) => (scopes.length > 6 ? `${scopes.slice(0, 6).join(' ')} … +${scopes.length - 6}` : scopes.join(' '));

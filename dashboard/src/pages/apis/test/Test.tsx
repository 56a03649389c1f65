// A token for this API as an application would get it, and what it is worth.
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { revealSecret, type Client } from '../../../api/clients';
import { explainToken } from '../../../api/extras';
import type { ResourceServer, Scope } from '../../../api/resourceServers';
import { can } from '../../../auth/me';
import { apis as words } from '../../../text/apis';
import { trace } from '../../../text/trace';
import {
  Button, ButtonLink, CodeBlock, EmptyState, ErrorPanel, Field, RadioCards, ReadOnly, refusal, ScopePicker, Skeleton, useSearchParam,
} from '../../../ui';
import { AppWindow, KeyRound, ScanSearch } from '../../../ui/icons';
import { mayAsk } from '../access/Access';
import { granted, useAuthorized, type Authorized } from '../authorized';
import { useApi } from '../useApi';
import { ask, asCurl, canCall, type Way } from './ask';
import { Explain } from './Explain';
import { Result } from './Result';

const MASK = '••••••••••••••••';

export default function Test() {
  const read = useApi();
  return read === undefined ? <Skeleton lines={8} height={28} /> : <Bench key={read.value.id} api={read.value} />;
}

function Bench({ api }: { api: ResourceServer }) {
  const audience = api.identifier;
  const { list, clients, isPending, error, retry } = useAuthorized(audience);
  const [chosen, setChosen] = useSearchParam('client');
  const [way, setWay] = useState<Way>('test');
  const [scopes, setScopes] = useState<string[]>();
  const run = useMutation({ mutationFn: ask });
  const explain = useMutation({ mutationFn: explainToken });
  const others = clients.filter((client) => mayAsk(client, 'client') && !list.some(({ id }) => id === client.client_id)).toSorted((one, other) => one.name.localeCompare(other.name));
  if (error !== null) return <ErrorPanel error={error} retry={retry} />;
  if (isPending) return <Skeleton lines={6} height={34} />;
  const first = list[0]?.id ?? others[0]?.client_id;
  const known = list.some(({ id }) => id === chosen) || others.some(({ client_id }) => client_id === chosen);
  const clientId = known ? chosen : first;
  if (clientId === undefined) {
    return <EmptyState icon={AppWindow} title={words.test.emptyTitle} actions={<ButtonLink kind="primary" to="/applications" search={{ create: '1' } as never}>{words.access.createApplication}</ButtonLink>}>{words.test.emptyBody}</EmptyState>;
  }
  const authorized = list.find(({ id }) => id === clientId);
  const client: Client = clients.find(({ client_id }) => client_id === clientId) ?? { client_id: clientId, name: authorized?.name ?? clientId };
  const may = authorized === undefined ? [] : granted(authorized.grant, api.scopes ?? []);
  const picked = scopes ?? may;
  const mayReveal = can('read:client_keys');
  const asked = { client, audience, scope: picked.join(' '), way: canCall(client) ? way : ('test' as const) };
  const choose = (id: string) => {
    setChosen(id);
    setScopes(undefined);
    run.reset();
    explain.reset();
  };
  return (
    <div className="stack loose">
      <section className="card" aria-labelledby="ask-title">
        <header><h2 id="ask-title">{words.test.askTitle}</h2></header>
        <div className="body stack">
          <ApplicationSelect list={list} others={others} value={clientId} onChange={choose} />
          <Scopes api={api} may={authorized === undefined ? undefined : may} picked={picked} onChange={setScopes} />
          <RadioCards
            label={words.test.way} column={240} value={asked.way} onChange={setWay}
            cards={[
              { value: 'test', title: words.test.ways.test, help: words.test.ways.testHelp },
              { value: 'real', title: words.test.ways.real, help: canCall(client) ? words.test.ways.realHelp : words.test.ways.realNot, disabled: !canCall(client) },
            ]}
          />
          <div className="row">
            {asked.way === 'test' && <ReadOnly scope="create:test_tokens" />}
            <Button kind="primary" icon={KeyRound} busy={run.isPending} reason={asked.way === 'test' ? refusal('create:test_tokens') : undefined} onClick={() => { explain.reset(); run.mutate(asked); }}>{words.test.get}</Button>
            <Button
              icon={ScanSearch} busy={explain.isPending} reason={refusal('create:test_tokens')}
              onClick={() => { run.reset(); explain.mutate({ client_id: clientId, audience, ...(asked.scope !== '' && { scope: asked.scope }) }); }}
            >
              {trace.explain}
            </Button>
          </div>
          <p className="muted small">{trace.explainHelp}</p>
        </div>
      </section>
      {explain.isError && <ErrorPanel error={explain.error} />}
      {explain.data !== undefined && <Explain explanation={explain.data} />}
      {run.isError && <ErrorPanel error={run.error} />}
      {run.isPending && run.data === undefined && <Skeleton lines={6} height={36} />}
      {run.data !== undefined && <Result api={api} answer={run.data} grant={authorized?.grant} again={() => run.mutate(run.data.asked)} isBusy={run.isPending} />}
      <section className="stack" aria-labelledby="command-title">
        <h2 id="command-title">{words.test.commandTitle}</h2>
        <CodeBlock
          label="cURL" what={words.test.commandTitle} code={mayReveal ? asCurl(asked, MASK) : asCurl(asked)}
          copy={async () => (mayReveal ? asCurl(asked, await revealSecret(client.client_id)) : asCurl(asked))}
        />
        <p className="muted small">{mayReveal ? words.test.commandSecret : words.test.commandNoSecret}</p>
      </section>
    </div>
  );
}

function ApplicationSelect({ list, others, value, onChange }: { list: Authorized[]; others: Client[]; value: string; onChange: (id: string) => void }) {
  return (
    <Field label={words.test.application} help={words.test.applicationHelp}>
      {(tie) => (
        <select {...tie} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
          {list.length > 0 && <optgroup label={words.access.yes}>{list.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}</optgroup>}
          {others.length > 0 && <optgroup label={words.access.no}>{others.map(({ client_id, name }) => <option key={client_id} value={client_id}>{name}</option>)}</optgroup>}
        </select>
      )}
    </Field>
  );
}

// What is not granted can be asked for too: to see the refusal, and to grant it then.
function Scopes({ api, may, picked, onChange }: { api: ResourceServer; may: string[] | undefined; picked: string[]; onChange: (scopes: string[]) => void }) {
  const id = useId();
  const all = api.scopes ?? [];
  if (all.length === 0) return null;
  const shown: Scope[] = all.map((scope) => (may === undefined || may.includes(scope.value) ? scope : { ...scope, description: [scope.description, words.test.notGranted].filter(Boolean).join(' · ') }));
  return (
    <div className="stack tight">
      <h3 id={id}>{words.permissions}</h3>
      <ScopePicker label={words.permissions} scopes={shown} value={picked} onChange={onChange} grouped={api.is_system === true} />
      {picked.length === 0 && <p className="muted small">{may === undefined ? words.test.nothingPicked : words.test.allGranted}</p>}
    </div>
  );
}

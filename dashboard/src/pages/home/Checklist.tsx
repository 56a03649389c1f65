import { useEffect, useRef, useState, type ReactNode } from 'react';
import { revealSecret } from '../../api/clients';
import { testToken } from '../../api/extras';
import { stale } from '../../api/query';
import { can, me } from '../../auth/me';
import { endpoints } from '../../lib/endpoints';
import { showAgo } from '../../lib/time';
import { home as text } from '../../text/home';
import { announce, Button, ButtonLink, classes, CopyButton, ErrorPanel, inspect, LiveDot, ReadOnly, refusal, Skeleton } from '../../ui';
import { ArrowRight, Circle, CircleCheck } from '../../ui/icons';
import { useFacts, useWaiting, type Facts, type Pair } from './facts';
import './home.css';

const words = text.steps;
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

type Step = { id: keyof typeof words; isDone: boolean; detail: ReactNode; actions?: ReactNode };

/** What leads to a validated token, and how far it has come. `aside` stands beside its title. */
export function Checklist({ found, isBusy, takesFocus = false, aside }: {
  found: ReturnType<typeof useFacts>;
  isBusy: boolean;
  /** Whether its next step is what the page is for, as after the setup: then Enter does it. */
  takesFocus?: boolean;
  aside?: ReactNode;
}) {
  const { facts, error, retry } = found;
  const [failure, setFailure] = useState<unknown>();
  const waiting = useWaiting(facts !== undefined && facts.token !== undefined && facts.call === undefined);
  const sample = useSample(setFailure);
  const token = useToken(setFailure);
  const steps = facts === undefined ? [] : stepsOf(facts, { waiting, sample, token });
  const done = steps.filter((step) => step.isDone).length;
  const current = steps.find((step) => !step.isDone)?.id;
  useSpoken(facts);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (takesFocus && !isBusy) list.current?.querySelector<HTMLElement>('.current .primary')?.focus();
  }, [takesFocus, isBusy, current]);
  return (
    <section className="card checklist" aria-labelledby="checklist">
      <header>
        <h2 id="checklist">{text.checklist}</h2>
        <div className="row">{facts !== undefined && <span className="muted number" role="status">{text.progress(done, steps.length)}</span>}{aside}</div>
      </header>
      {error !== undefined && facts === undefined ? <div className="body"><ErrorPanel error={error} retry={retry} /></div>
        : facts === undefined || isBusy ? <div className="body"><Skeleton lines={5} height={50} /></div>
          : (
            <>
            {!can('create:test_tokens') && <div className="body"><ReadOnly scope="create:test_tokens" /></div>}
            <ol ref={list}>
              {steps.map((step) => (
                <li key={step.id} className={classes(step.isDone && 'done', step.id === current && 'current')} {...(step.id === current && { 'aria-current': 'step' as const })}>
                  {step.isDone ? <CircleCheck className="icon text-success" size={20} aria-hidden /> : step.id === current ? <ArrowRight className="icon" size={20} aria-hidden /> : <Circle className="icon muted" size={20} aria-hidden />}
                  <div className="words">
                    <h3>{words[step.id].title}<span className="sr">, {step.isDone ? text.done : step.id === current ? text.next : text.open}</span></h3>
                    <div className="muted">{step.detail}</div>
                  </div>
                  {step.actions !== undefined && <div className="row acts">{step.actions}</div>}
                </li>
              ))}
            </ol>
            </>
          )}
      {failure !== undefined && <div className="body"><ErrorPanel error={failure} retry={() => setFailure(undefined)} /></div>}
    </section>
  );
}

type Act = { isBusy: boolean };
type Acts = { waiting: ReturnType<typeof useWaiting>; sample: Act & { make: () => void }; token: Act & { get: (pair: Pair) => void } };

function stepsOf({ apis, pair, token, call, own }: Facts, acts: Acts): Step[] {
  const [api] = apis;
  return [
    { id: 'owner', isDone: true, detail: words.owner.done(me().email || me().name) },
    {
      id: 'api', isDone: api !== undefined,
      detail: api === undefined ? words.api.open : words.api.done(api.name ?? api.identifier, api.scopes?.length ?? 0),
      ...(api === undefined && {
        actions: (
          <>
            <Button kind="primary" busy={acts.sample.isBusy} reason={refusal('create:resource_servers') ?? refusal('create:clients')} onClick={acts.sample.make}>{words.api.sample}</Button>
            <ButtonLink to="/apis" search={{ create: '1' } as never}>{words.api.own}</ButtonLink>
          </>
        ),
      }),
    },
    {
      id: 'token', isDone: token !== undefined,
      detail: token !== undefined ? words.token.done(token.client_name || token.client_id || '', showAgo(token.date)) : pair === undefined ? words.token.blocked : words.token.open(pair.client.name, pair.api.name ?? pair.api.identifier),
      ...(pair !== undefined
        ? { actions: <Button kind={token === undefined ? 'primary' : undefined} small={token !== undefined} busy={acts.token.isBusy} reason={refusal('create:test_tokens')} onClick={() => acts.token.get(pair)}>{token === undefined ? words.token.action : words.token.again}</Button> }
        : api !== undefined && { actions: <ButtonLink to="/applications" search={{ create: '1' } as never}>{words.token.create}</ButtonLink> }),
    },
    {
      id: 'call', isDone: call !== undefined,
      detail: call !== undefined ? words.call.done(agentOf(call.user_agent), call.ip ?? '', clock.format(new Date(call.date)))
        : token === undefined ? words.call.open
          : <>{words.call.open} <LiveDot state={acts.waiting === 'lost' ? 'error' : 'on'} pulse={acts.waiting !== 'lost'}>{acts.waiting === 'lost' ? words.call.lost : words.call.waiting}</LiveDot></>,
      ...(pair !== undefined && call === undefined && {
        actions: (
          <>
            {can('read:client_keys') && <CopyButton value={() => curl(pair)} what={words.call.curlWhat} label={words.call.curl} small={false} />}
            <ButtonLink to="/applications/$clientId/quickstart" params={{ clientId: pair.client.client_id }}>{words.call.code}</ButtonLink>
          </>
        ),
      }),
    },
    {
      id: 'own', isDone: own !== undefined,
      detail: own === undefined ? words.own.open : words.own.done(own.name ?? own.identifier),
      ...(own === undefined && { actions: <ButtonLink to="/apis" search={{ create: '1' } as never}>{words.own.action}</ButtonLink> }),
    },
  ];
}

/** `curl/8.5.0` of whatever stands behind it. */
const agentOf = (agent: string | undefined): string => agent?.split(/[\s(]/)[0] || words.call.unnamed;

async function curl({ client, api }: Pair): Promise<string> {
  const { write } = await import('../applications/quickstart/request');
  const json = { grant_type: 'client_credentials', client_id: client.client_id, client_secret: await revealSecret(client.client_id), audience: api.identifier };
  return write('curl', { url: endpoints.token, headers: { 'content-type': 'application/json' }, json });
}

function useSample(fail: (error: unknown) => void) {
  const [isBusy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    fail(undefined);
    try {
      const { makeSample } = await import('../applications/sample');
      await makeSample();
      announce(text.sampleMade);
    } catch (error) {
      fail(error);
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, make: () => void make() };
}

/** Gets a real token and hands it to the inspector. */
function useToken(fail: (error: unknown) => void) {
  const [isBusy, setBusy] = useState(false);
  const issue = async ({ client, api, scope }: Pair) => {
    setBusy(true);
    fail(undefined);
    try {
      const { access_token } = await testToken({ client_id: client.client_id, audience: api.identifier });
      inspect({ token: access_token, audience: api.identifier, ...(scope !== '' && { scope }) });
    } catch (error) {
      fail(error);
    } finally {
      setBusy(false);
      void stale('logs');
    }
  };
  return { isBusy, get: (pair: Pair) => void issue(pair) };
}

/** Says it when the first call comes in, as nothing else on the page moves. */
function useSpoken(facts: Facts | undefined) {
  const was = useRef<boolean>(undefined);
  const isCalled = facts === undefined ? undefined : facts.call !== undefined;
  useEffect(() => {
    if (isCalled === true && was.current === false && facts?.call !== undefined) announce(words.call.done(agentOf(facts.call.user_agent), facts.call.ip ?? '', clock.format(new Date(facts.call.date))));
    was.current = isCalled;
  }, [isCalled, facts]);
}

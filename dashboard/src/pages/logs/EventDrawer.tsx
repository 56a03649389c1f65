import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import { config } from '../../api/config';
import { ApiError } from '../../api/http';
import { logQuery, type LogEvent } from '../../api/logs';
import { severity } from '../../lib/severity';
import { showAgo, showTime } from '../../lib/time';
import { quoted } from '../../lib/lucene';
import { logs as text } from '../../text/logs';
import { trace as traceText } from '../../text/trace';
import { Badge, Button, ButtonLink, CodeBlock, CopyButton, CopyLine, Drawer, EmptyState, ErrorPanel, IconButton, Notice, Skeleton } from '../../ui';
import { ArrowDown, ArrowUp } from '../../ui/icons';
import { asAct } from './act';
import { Executed } from './Executed';
import { explain } from './explain';
import type { FilterChange } from './filter';
import { KindIcon, kindOf, testerOf } from './Kind';
import { Trace } from './Trace';

const words = text.event;

/** One event in full. `↑` and `↓` move to the newer and the older one of the list, Escape closes. */
export function EventDrawer({ id, events, isOfOne, path, onMove, onClose, onFilter, returnTo }: {
  id: string | undefined;
  events: LogEvent[];
  /** Whether the list has one application's events only. */
  isOfOne: boolean;
  /** The address of an event. */
  path: (id: string) => string;
  onMove: (id: string) => void;
  onClose: () => void;
  onFilter: (change: FilterChange & { add?: string }) => void;
  returnTo: () => HTMLElement | null;
}) {
  const listed = events.find((event) => event.log_id === id);
  const read = useQuery({ ...logQuery(id ?? ''), enabled: id !== undefined && listed === undefined });
  const event = listed ?? read.data;
  const place = events.findIndex((event) => event.log_id === id);
  const [newer, older] = [place > 0 ? events[place - 1] : undefined, place >= 0 ? events[place + 1] : undefined];
  useTitled(event && kindOf(event));
  useEffect(() => {
    if (id === undefined) return;
    const onKey = (pressed: KeyboardEvent) => {
      const to = { ArrowUp: newer, ArrowDown: older }[pressed.key];
      const target = pressed.target as HTMLElement;
      // Where the arrows scroll or choose, they go on doing so.
      if (to === undefined || pressed.ctrlKey || pressed.altKey || target.closest('pre, input, [role=menu]') !== null || target.closest('[role=dialog]') === null) return;
      pressed.preventDefault();
      onMove(to.log_id);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [id, newer, older, onMove]);
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => { content.current?.parentElement?.scrollTo(0, 0); }, [id]);
  const actions = (
    <>
      <IconButton icon={ArrowUp} label={words.previous} disabled={newer === undefined} onClick={() => newer && onMove(newer.log_id)} />
      <IconButton icon={ArrowDown} label={words.next} disabled={older === undefined} onClick={() => older && onMove(older.log_id)} />
    </>
  );
  return (
    <Drawer
      open={id !== undefined} onClose={onClose} width={680} actions={actions} returnTo={returnTo}
      title={event === undefined ? words.title : <span className="row nowrap"><KindIcon type={event.type} size={18} /><span>{kindOf(event)}</span></span>}
    >
      <div ref={content} className="stack loose">
        {event !== undefined ? <Whole event={event} isOfOne={isOfOne} link={location.origin + path(event.log_id)} onFilter={onFilter} />
          : read.isError ? (read.error instanceof ApiError && read.error.statusCode === 404
            ? <EmptyState title={words.missing}>{words.missingBody}</EmptyState>
            : <ErrorPanel error={read.error} retry={() => void read.refetch()} />)
            : <Skeleton lines={10} height={20} />}
      </div>
    </Drawer>
  );
}

/** The title of the document while the drawer is open. */
function useTitled(title: string | undefined) {
  useEffect(() => {
    if (title === undefined) return;
    const before = document.title;
    document.title = [text.title, title, config.tenant.name].join(' – ');
    return () => { document.title = before; };
  }, [title]);
}

function Whole({ event, isOfOne, link, onFilter }: { event: LogEvent; isOfOne: boolean; link: string; onFilter: (change: FilterChange & { add?: string }) => void }) {
  const told = explain(event);
  const act = asAct(event);
  return (
    <>
      {told !== undefined && (
        <Notice kind={severity(event.type) === 'error' ? 'danger' : 'warning'}>
          <p className="strong">{told.meaning}</p>
          <p>{told.fix}</p>
          {told.places.length > 0 && <div className="row log-places">{told.places.map((place) => <ButtonLink key={place.to} small to={place.to as '/'}>{place.label}</ButtonLink>)}</div>}
        </Notice>
      )}
      <section className="stack tight">
        <h3>{words.summary}</h3>
        <Facts event={event} act={act} />
      </section>
      <Decided event={event} />
      <Executed event={event} />
      <Related event={event} isOfOne={isOfOne} onFilter={onFilter} />
      <section className="stack tight">
        <h3>{words.json}</h3>
        <CodeBlock code={JSON.stringify(event, null, 2)} what={words.jsonOf} />
      </section>
      <div className="row spread"><p className="muted small">{words.moveHint}</p><CopyButton value={link} what={words.copyLink} label={words.copy} /></div>
    </>
  );
}

/** How the token endpoint came to its answer, where the event tells. */
function Decided({ event }: { event: LogEvent }) {
  const trace = event.details?.['trace'];
  if (typeof trace !== 'object' || trace === null) return null;
  const isGood = severity(event.type) === 'success';
  // What was given, or asked for in vain, stands beside the trace.
  const whole = isGood ? { ...trace, scopes_given: event.scope ?? '' } : { ...(event.scope && { scopes_asked: event.scope }), ...trace };
  return (
    <section className="stack tight">
      <h3>{traceText.title}</h3>
      <Trace trace={whole} isGood={isGood} outcome={isGood ? traceText.issued : traceText.refused(event.description ?? '')} />
    </section>
  );
}

function Facts({ event, act }: { event: LogEvent; act: ReturnType<typeof asAct> }) {
  const facts: [string, ReactNode][] = [];
  const add = (name: string, value: ReactNode) => { if (value !== undefined && value !== '' && value !== null) facts.push([name, value]); };
  const names = words.facts;
  add(names.date, <>{showTime(event.date)} <span className="muted">· {showAgo(event.date)} · {event.date.slice(11, 23)} {words.utc}</span></>);
  add(names.type, <>{kindOf(event)} <code className="muted">{event.type}</code></>);
  const tester = testerOf(event);
  if (tester !== undefined) add(names.test, <span className="row"><Badge kind="accent">{words.test}</Badge><span>{text.testBy(tester)} <span className="muted">· {words.testNotCounted}</span></span></span>);
  // What a caller may hear says less than the headline.
  if (event.description !== 'Unauthorized' || explain(event) === undefined) add(names.description, event.description);
  add(names.cause, event.details?.['client_authentication_error'] as string | undefined);
  if (act !== undefined) {
    add(names.request, <><code>{act.method} {act.path}</code></>);
    add(names.status, act.status);
    add(names.by, act.actor);
    if (act.secrets.length > 0) add(names.scope, words.reads(act.secrets.join(', ')));
  }
  if (event.client_id) add(names.client, <Client event={event} />);
  if (event.audience) add(names.audience, <Link to="/apis/$id/settings" params={{ id: event.audience }}>{event.audience}</Link>);
  if (event.scope) add(names.scope, <span className="row log-scopes">{String(event.scope).split(' ').map((scope) => <code key={scope}>{scope}</code>)}</span>);
  add(names.user, event.user_name || event.user_id);
  add(names.connection, event.connection);
  add(names.ip, event.ip && <CopyLine value={event.ip} what={names.ip} />);
  add(names.userAgent, event.user_agent);
  add(names.hostname, event.hostname);
  add(names.organization, event['organization_name'] as string | undefined);
  add(names.id, <CopyLine value={event.log_id} what={names.id} />);
  return <dl className="facts">{facts.map(([name, value]) => <Pair key={name} name={name} value={value} />)}</dl>;
}

const Pair = ({ name, value }: { name: string; value: ReactNode }) => <><dt>{name}</dt><dd>{value}</dd></>;

function Client({ event }: { event: LogEvent }) {
  const id = event.client_id!;
  if (id === 'owner') return <>{words.owner}</>;
  if (id === config.clientId) return <>{words.dashboard}</>;
  if (!event.client_name) return <CopyLine value={id} what={words.facts.client} />;
  return <Link to="/applications/$clientId/settings" params={{ clientId: id }}>{event.client_name}</Link>;
}

function Related({ event, isOfOne, onFilter }: { event: LogEvent; isOfOne: boolean; onFilter: (change: FilterChange & { add?: string }) => void }) {
  const at = new Date(event.date).getTime();
  return (
    <section className="stack tight">
      <h3>{words.related}</h3>
      <div className="row">
        {event.client_id && !isOfOne && <Button small onClick={() => onFilter({ client: event.client_id })}>{words.byClient}</Button>}
        {event.ip && <Button small onClick={() => onFilter({ add: `ip:${quoted(event.ip!)}` })}>{words.byIp}</Button>}
        {event.user_id && <Button small onClick={() => onFilter({ add: `user_id:${quoted(event.user_id!)}` })}>{words.byUser}</Button>}
        <Button small onClick={() => onFilter({ add: `type:${event.type}` })}>{words.byType}</Button>
        <Button small onClick={() => onFilter({ from: new Date(at - 60_000), to: new Date(at + 60_000), q: '', is: [], client: undefined })}>{words.around}</Button>
      </div>
    </section>
  );
}

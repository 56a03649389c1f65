import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { clientsQuery } from '../../api/clients';
import type { LogStats } from '../../api/logs';
import { showIn } from '../../lib/axis';
import { LOG_FIELDS } from '../../lib/lucene';
import { showNumber } from '../../lib/time';
import { logs as text } from '../../text/logs';
import { Button, IconButton, LiveDot } from '../../ui';
import { CircleCheck, CircleX, Pause, Play, RefreshCw, TriangleAlert, X } from '../../ui/icons';
import { can } from '../../auth/me';
import type { LiveState } from './events';
import { Export } from './Export';
import { OUTCOMES, type FilterChange, type Fixed, type LogFilter, type Outcome } from './filter';
import { TimeFilter } from '../../ui/TimeFilter';
import { QueryBox } from '../../ui/QueryBox';

type Filtering = { filter: LogFilter; change: (change: FilterChange) => void };

export function Toolbar({ filter, change, fixed, refused, children }: Filtering & {
  fixed: Fixed;
  /** Why the server does not take the query. */
  refused: string | undefined;
  children: ReactNode;
}) {
  return (
    <div className="log-toolbar">
      <QueryBox value={filter.q} refused={refused} words={text} fields={LOG_FIELDS} onSearch={(q) => change({ q })} />
      <div className="row">
        {fixed.client_id === undefined && <Applications value={filter.client} onChange={(client) => change({ client })} />}
        <TimeFilter range={filter.range} stretch={filter.stretch} onRange={(range) => change({ range })} onStretch={(from, to) => change({ from, to, live: false })} />
      </div>
      {children}
    </div>
  );
}

/** Live, refresh, export. */
export function Acts({ filter, change, refresh, state, isBusy }: Filtering & { refresh: () => void; state: LiveState; isBusy: boolean }) {
  const dot = state === 'live' ? 'on' : state === 'lost' ? 'error' : 'warning';
  return (
    <div className="row log-acts">
      {filter.isLive ? (
        <>
          <span role="status"><LiveDot state={dot} pulse={state === 'live'}>{text.liveStates[state]}</LiveDot></span>
          <Button icon={Pause} onClick={() => change({ live: false })}>{text.pause}</Button>
        </>
      ) : (
        <>
          <IconButton icon={RefreshCw} label={text.refresh} aria-busy={isBusy} onClick={refresh} />
          <Button icon={Play} onClick={() => change({ ...(!filter.stretch.isOpen && { range: '24h' }), live: true })}>{text.goLive}</Button>
        </>
      )}
      <Export filter={filter} />
    </div>
  );
}

function Applications({ value, onChange }: { value: string | undefined; onChange: (client: string | undefined) => void }) {
  const clients = useQuery({ ...clientsQuery(), enabled: can('read:clients') });
  const named = clients.data ?? [];
  const isListed = value === undefined || named.some((client) => client.client_id === value);
  return (
    <select className="input log-application" aria-label={text.application} value={value ?? ''} onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}>
      <option value="">{text.anyApplication}</option>
      {!isListed && <option value={value}>{value}</option>}
      {named.map((client) => <option key={client.client_id} value={client.client_id}>{client.name}</option>)}
    </select>
  );
}

const ICONS = { error: CircleX, warning: TriangleAlert, success: CircleCheck };
const COLORS = { error: 'text-danger', warning: 'text-warning', success: 'text-success' };

/** How many events of each outcome, as switches of the filter. */
export function Outcomes({ filter, change, totals }: Filtering & { totals: LogStats['totals'] | undefined }) {
  const toggle = (outcome: Outcome) =>
    change({ is: filter.outcomes.includes(outcome) ? filter.outcomes.filter((other) => other !== outcome) : [...filter.outcomes, outcome] });
  return (
    <div className="row log-outcomes" role="group" aria-label={text.outcome}>
      {OUTCOMES.map((outcome) => {
        const Icon = ICONS[outcome];
        return (
          <button key={outcome} type="button" className="button small toggle" aria-pressed={filter.outcomes.includes(outcome)} onClick={() => toggle(outcome)}>
            <Icon className={`icon ${COLORS[outcome]}`} size={14} aria-hidden />
            <span className="number">{totals === undefined ? text.outcomes[outcome] : text.outcomeCount(text.outcomes[outcome], showNumber(totals[outcome]))}</span>
          </button>
        );
      })}
    </div>
  );
}

/** What the list is filtered by, each with a way to take it away. */
export function Chips({ filter, change }: Filtering) {
  const clients = useQuery({ ...clientsQuery(), enabled: filter.client !== undefined && can('read:clients') });
  const { applied, outcomes, client, stretch } = filter;
  const chips: { name: string; value: string; off: FilterChange }[] = [];
  if (applied !== '') chips.push({ name: text.chip.q, value: applied, off: { q: '' } });
  if (outcomes.length > 0) chips.push({ name: text.chip.is, value: outcomes.map((outcome) => text.outcomes[outcome]).join(', '), off: { is: [] } });
  if (client !== undefined) chips.push({ name: text.chip.client, value: clients.data?.find((one) => one.client_id === client)?.name ?? client, off: { client: undefined } });
  if (filter.range === 'custom') chips.push({ name: text.chip.time, value: `${showIn('local', 'full', stretch.from)} – ${showIn('local', 'full', stretch.to)}`, off: { range: '24h' } });
  if (chips.length === 0) return null;
  return (
    <ul className="row chips" aria-label={text.chips}>
      {chips.map(({ name, value, off }) => (
        <li key={name} className="chip">
          <span className="muted">{name}</span><span className="clip">{value}</span>
          <IconButton icon={X} small size={14} label={text.removeChip(name)} onClick={() => change(off)} />
        </li>
      ))}
      {chips.length > 1 && <li><Button small kind="link" onClick={() => change({ q: '', is: [], client: undefined, range: '24h' })}>{text.clearAll}</Button></li>}
    </ul>
  );
}

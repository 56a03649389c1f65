// What runs at a trigger, in which order. Nothing holds before it is applied.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { actionsQuery, bind, bindingsQuery, isRun, MACHINES, RUN, triggerOf } from '../../api/actions';
import { can } from '../../auth/me';
import { actions } from '../../text/actions';
import { announce, Button, ErrorPanel, IconButton, Notice, ReadOnly, Select, Skeleton, toast, useSearchParam } from '../../ui';
import { Plus, X } from '../../ui/icons';
import { OrderedList } from '../../ui/OrderedList';
import { useAttempt } from '../../ui/useAttempt';

const text = actions.trigger;
const MOST = 20;

type Place = { id: string; name: string };

export default function Order() {
  const [named, setTrigger] = useSearchParam('trigger', MACHINES);
  const trigger = isRun(named) ? named : MACHINES;
  return (
    <div className="stack">
      <Select label={text.trigger} value={trigger} onChange={setTrigger} options={RUN.map((value) => ({ value, label: actions.triggerName(value) }))} />
      <OfTrigger key={trigger} trigger={trigger} />
    </div>
  );
}

function OfTrigger({ trigger }: { trigger: string }) {
  const bindings = useQuery(bindingsQuery(trigger));
  const list = useQuery(actionsQuery());
  if (bindings.isPending || list.isPending) return <Skeleton lines={6} height={36} />;
  if (bindings.isError) return <ErrorPanel error={bindings.error} retry={() => void bindings.refetch()} />;
  if (list.isError) return <ErrorPanel error={list.error} retry={() => void list.refetch()} />;
  const stored = bindings.data.map(({ display_name, action }) => ({ id: action.id, name: display_name }));
  const deployed = list.data.filter((action) => triggerOf(action) === trigger && action.deployed_version !== undefined);
  return <Places trigger={trigger} key={stored.map(({ id }) => id).join()} stored={stored} deployed={deployed.map(({ id, name }) => ({ id, name }))} />;
}

function Places({ trigger, stored, deployed }: { trigger: string; stored: Place[]; deployed: Place[] }) {
  const [order, setOrder] = useState(stored);
  const { isBusy, error, attempt } = useAttempt();
  const isOurs = can('update:actions');
  const isChanged = order.map(({ id }) => id).join() !== stored.map(({ id }) => id).join();
  const free = deployed.filter(({ id }) => !order.some((place) => place.id === id));
  return (
    <div className="stack">
      <ReadOnly scope="update:actions" />
      <p className="muted measure">{text.lead(trigger)}</p>
      <div className="stack tight">
        <p className="muted small">{text.start(trigger)}</p>
        {order.length === 0 ? <p>{text.empty}</p> : (
          <OrderedList
            label={text.order} rows={order} onOrder={isOurs ? setOrder : undefined}
            cell={({ id, name }) => <Link to="/actions/library/$id" params={{ id }} className="anywhere strong">{name}</Link>}
            {...(isOurs && { more: (place: Place) => <IconButton icon={X} label={text.out(place.name)} onClick={() => { setOrder(order.filter((one) => one !== place)); announce(text.takenOut(place.name)); }} /> })}
          />
        )}
        <p className="muted small">{text.end(trigger)}</p>
      </div>
      {isOurs && (
        <div className="row">
          <Button kind="primary" busy={isBusy} disabled={!isChanged} onClick={() => void attempt(async () => { await bind(trigger, order); toast(text.applied); })}>{text.apply}</Button>
          <Button kind="quiet" disabled={!isChanged} onClick={() => setOrder(stored)}>{text.undo}</Button>
          {isChanged && <span className="muted small" role="status">{text.changed}</span>}
        </div>
      )}
      {error !== undefined && <ErrorPanel error={error} />}
      {isOurs && (
        <section className="stack tight" aria-label={text.available}>
          <h2>{text.available}</h2>
          {free.length === 0 ? <p className="muted">{text.none}</p> : (
            <ul className="stack tight" style={{ listStyle: 'none', padding: 0 }}>
              {free.map((place) => (
                <li key={place.id} className="row spread">
                  <span className="anywhere grow">{place.name}</span>
                  <Button small icon={Plus} aria-label={text.add(place.name)} reason={order.length >= MOST ? text.most : undefined} onClick={() => { setOrder([...order, place]); announce(text.putIn(place.name)); }}>{text.add(place.name)}</Button>
                </li>
              ))}
            </ul>
          )}
        </section>
      )}
      {order.length >= MOST && <Notice>{text.most}</Notice>}
    </div>
  );
}

// What runs at a trigger, in which order. Buttons move; nothing holds before it is applied.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { actionsQuery, bind, bindingsQuery, MACHINES, RUN, triggerOf } from '../../api/actions';
import { can } from '../../auth/me';
import { actions } from '../../text/actions';
import { announce, Button, ErrorPanel, IconButton, Notice, ReadOnly, Select, Skeleton, toast } from '../../ui';
import { ArrowDown, ArrowUp, Plus, X } from '../../ui/icons';
import { useAttempt } from '../../ui/useAttempt';

const text = actions.trigger;
const MOST = 20;

type Place = { id: string; name: string };

export default function Order() {
  const [trigger, setTrigger] = useState(MACHINES);
  return (
    <div className="stack">
      <Select label={text.trigger} value={trigger} onChange={setTrigger} options={RUN.map((value) => ({ value, label: value }))} />
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
  const rows = useRef<HTMLOListElement>(null);
  // The button that was pressed goes along with its row, and keeps the focus where it can.
  const focus = useRef<{ id: string; way: 'up' | 'down' }>(undefined);
  useEffect(() => {
    const wanted = focus.current;
    focus.current = undefined;
    if (wanted === undefined) return;
    const buttons = [...(rows.current?.querySelectorAll<HTMLButtonElement>(`[data-row="${CSS.escape(wanted.id)}"] button`) ?? [])];
    (buttons.find((button) => button.dataset['way'] === wanted.way && !button.disabled) ?? buttons.find((button) => !button.disabled))?.focus();
  }, [order]);
  const isOurs = can('update:actions');
  const isChanged = order.map(({ id }) => id).join() !== stored.map(({ id }) => id).join();
  const move = (place: Place, way: 'up' | 'down') => {
    const from = order.indexOf(place);
    const to = way === 'up' ? from - 1 : from + 1;
    if (to < 0 || to >= order.length) return;
    const next = order.toSpliced(from, 1).toSpliced(to, 0, place);
    focus.current = { id: place.id, way };
    setOrder(next);
    announce(text.moved(place.name, to + 1, next.length));
  };
  const free = deployed.filter(({ id }) => !order.some((place) => place.id === id));
  return (
    <div className="stack">
      <ReadOnly scope="update:actions" />
      <p className="muted measure">{text.lead(trigger)}</p>
      <div className="card stack tight">
        <p className="muted small">{text.start(trigger)}</p>
        {order.length === 0 ? <p>{text.empty}</p> : (
          <ol className="stack tight" aria-label={text.order} ref={rows} style={{ paddingLeft: 24 }}>
            {order.map((place, index) => (
              <li key={place.id} data-row={place.id}>
                <span className="row spread">
                  <Link to="/actions/library/$id" params={{ id: place.id }} className="anywhere strong grow">{place.name}</Link>
                  {isOurs && (
                    <span className="row nowrap">
                      <IconButton icon={ArrowUp} label={text.up(place.name)} data-way="up" disabled={index === 0} onClick={() => move(place, 'up')} />
                      <IconButton icon={ArrowDown} label={text.down(place.name)} data-way="down" disabled={index === order.length - 1} onClick={() => move(place, 'down')} />
                      <IconButton icon={X} label={text.out(place.name)} onClick={() => { setOrder(order.filter((one) => one !== place)); announce(text.takenOut(place.name)); }} />
                    </span>
                  )}
                </span>
              </li>
            ))}
          </ol>
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

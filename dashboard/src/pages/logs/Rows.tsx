import { memo, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import type { LogEvent } from '../../api/logs';
import { severity } from '../../lib/severity';
import { logs as text } from '../../text/logs';
import { Button, classes, Nothing } from '../../ui';
import { ArrowUp } from '../../ui/icons';
import { asAct } from './act';
import { explain } from './explain';
import { KindIcon, kindOf, testerOf, When } from './Kind';

const TALL = { wide: 40, narrow: 66, narrowWithClient: 88 };
const AROUND = 8;
const NARROW = 720;

export type RowsHandle = {
  /** Brings an event into sight and gives its row the focus. */
  focus: (id: string) => void;
};

type RowsProps = {
  events: LogEvent[];
  /** The address of an event. */
  hrefOf: (id: string) => string;
  onOpen: (id: string) => void;
  openId: string | undefined;
  showsClient: boolean;
  /** Is asked for when the end comes near. */
  onEnd: () => void;
  footer: ReactNode;
  isOld: boolean;
  ref: Ref<RowsHandle>;
};

/**
 * The events as a table of which only the rows in sight are drawn. One row can be reached with Tab; arrows, Page, Home and
 * End walk from it. Events that come in at the top never move what somebody reads.
 */
export function Rows({ events, hrefOf, onOpen, openId, showsClient, onEnd, footer, isOld, ref }: RowsProps) {
  const region = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 600 });
  const [isNarrow, setNarrow] = useState(false);
  const [activeId, setActive] = useState<string>();
  const [unseen, setUnseen] = useState(0);
  /** Room below the last row, so that rows can stay where they are though others came in above. */
  const [room, setRoom] = useState(0);
  const wanted = useRef<string>(undefined);
  const wantedTop = useRef<number>(undefined);
  const firstId = useRef<string>(undefined);
  const row = !isNarrow ? TALL.wide : showsClient ? TALL.narrowWithClient : TALL.narrow;

  useLayoutEffect(() => {
    const element = region.current!;
    const measure = () => {
      setNarrow(element.clientWidth < NARROW);
      setScroll((before) => ({ ...before, height: element.clientHeight }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = region.current!;
    const before = events.findIndex((event) => event.log_id === firstId.current);
    firstId.current = events[0]?.log_id;
    if (before < 0) {
      // Another list.
      setUnseen(0);
      setRoom(0);
      element.scrollTop = 0;
    } else if (before > 0) {
      const isRead = element.scrollTop > 0 || (element.contains(document.activeElement) && document.activeElement !== element);
      if (!isRead) return;
      const top = element.scrollTop + before * row;
      setRoom(Math.max(top + element.clientHeight - events.length * row, 0));
      setUnseen((unseen) => unseen + before);
      wantedTop.current = top;
    }
  }, [events]);
  // Only when the room is there can it be scrolled to.
  useLayoutEffect(() => {
    const element = region.current!;
    if (wantedTop.current === undefined || element.scrollHeight - element.clientHeight < wantedTop.current) return;
    element.scrollTop = wantedTop.current;
    wantedTop.current = undefined;
  });
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const link = region.current!.querySelector<HTMLElement>(`[data-id="${CSS.escape(wanted.current)}"] a`);
    if (link === null) return;
    wanted.current = undefined;
    link.focus({ preventScroll: true });
  });

  const first = Math.max(Math.floor(scroll.top / row) - AROUND, 0);
  const last = Math.min(Math.ceil((scroll.top + scroll.height) / row) + AROUND, events.length);
  useEffect(() => {
    if (last > events.length - 30) onEnd();
  }, [last, events.length, onEnd]);

  const active = events.findIndex((event) => event.log_id === activeId);
  const tabbable = active >= 0 ? active : Math.min(Math.ceil(scroll.top / row), events.length - 1);
  const shown = events.slice(first, last).map((event, place) => ({ event, index: first + place }));
  if (active >= 0 && (active < first || active >= last)) shown.push({ event: events[active]!, index: active });

  const walkTo = (index: number) => {
    const event = events[Math.min(Math.max(index, 0), events.length - 1)];
    const element = region.current;
    if (event === undefined || element === null) return;
    const top = events.indexOf(event) * row;
    if (top < element.scrollTop + row) element.scrollTop = Math.max(top - row, 0);
    else if (top + 2 * row > element.scrollTop + element.clientHeight) element.scrollTop = top + 2 * row - element.clientHeight;
    wanted.current = event.log_id;
    setActive(event.log_id);
    setScroll({ top: element.scrollTop, height: element.clientHeight });
  };
  useImperativeHandle(ref, () => ({ focus: (id) => walkTo(events.findIndex((event) => event.log_id === id)) }));
  const onKey = (event: KeyboardEvent) => {
    if (!(event.target as HTMLElement).matches('[data-id] a')) return;
    const page = Math.max(Math.floor(scroll.height / row) - 1, 1);
    const to = { ArrowDown: tabbable + 1, ArrowUp: tabbable - 1, PageDown: tabbable + page, PageUp: tabbable - page, Home: 0, End: events.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    walkTo(to);
  };
  return (
    <div
      ref={region} className={classes('log-rows', isNarrow && 'narrow', isOld && 'old')} role="region" aria-label={text.table} aria-busy={isOld} tabIndex={0} onKeyDown={onKey}
      onScroll={(event) => {
        const { scrollTop, clientHeight } = event.currentTarget;
        setScroll({ top: scrollTop, height: clientHeight });
        setRoom((room) => (room === 0 ? 0 : Math.min(room, Math.max(scrollTop + clientHeight - events.length * row, 0))));
        if (unseen > 0) setUnseen(Math.min(unseen, Math.floor(scrollTop / row)));
      }}
    >
      {unseen > 0 && (
        <div className="log-arrived">
          <Button small kind="primary" icon={ArrowUp} title={text.showArrived(unseen)} onClick={() => { region.current!.scrollTop = 0; walkTo(0); setUnseen(0); }}>{text.arrived(unseen)}</Button>
        </div>
      )}
      <div role="table" aria-label={text.table} aria-rowcount={events.length + 1} className={classes('log-table', !showsClient && 'without-client')}>
        <div role="rowgroup" className="log-head">
          <div role="row" aria-rowindex={1} className="log-row">
            <span role="columnheader">{text.columns.time}</span>
            <span role="columnheader">{text.columns.type}</span>
            {showsClient && <span role="columnheader">{text.columns.client}</span>}
            <span role="columnheader">{text.columns.description}</span>
            <span role="columnheader">{text.columns.ip}</span>
          </div>
        </div>
        <div role="rowgroup" className="log-body" style={{ height: events.length * row }}>
          {shown.map(({ event, index }) => (
            <Row
              key={event.log_id} event={event} index={index} top={index * row} height={row} hrefOf={hrefOf} onOpen={onOpen} showsClient={showsClient}
              isTabbable={index === tabbable} isOpen={event.log_id === openId} onFocus={setActive}
            />
          ))}
        </div>
      </div>
      <div className="log-foot">{footer}</div>
      {room > 0 && <div style={{ height: room }} />}
    </div>
  );
}

// Rows come and go with each frame of scrolling, so their links are plain.
const Row = memo(function Row({ event, index, top, height, hrefOf, onOpen, showsClient, isTabbable, isOpen, onFocus }: {
  event: LogEvent; index: number; top: number; height: number; hrefOf: (id: string) => string; onOpen: (id: string) => void; showsClient: boolean;
  isTabbable: boolean; isOpen: boolean; onFocus: (id: string) => void;
}) {
  const id = event.log_id;
  // A person acts through an application; who it was says more.
  const client = event.user_name || event.client_name || event.client_id;
  // "Unauthorized" is what a caller may hear; who reads the log may know more.
  const tester = testerOf(event);
  const description = [explain(event)?.meaning ?? [event.description, asAct(event)?.name].filter(Boolean).join(' · '), tester !== undefined && text.testBy(tester)].filter(Boolean).join(' · ');
  return (
    <div
      role="row" aria-rowindex={index + 2} data-id={id} className={classes('log-row', severity(event.type), isOpen && 'open')} style={{ top, height }}
      onFocus={() => onFocus(id)}
      onClick={(click) => {
        if ((click.target as HTMLElement).closest('a') === null && getSelection()?.isCollapsed !== false) onOpen(id);
      }}
    >
      <span role="cell" className="log-time"><When date={event.date} /></span>
      <span role="cell" className="log-kind">
        <KindIcon type={event.type} />
        <a href={hrefOf(id)} tabIndex={isTabbable ? 0 : -1} className="clip" onClick={(click) => { if (!click.ctrlKey && !click.metaKey && !click.shiftKey) { click.preventDefault(); onOpen(id); } }}>{kindOf(event)}</a>
      </span>
      {showsClient && <span role="cell" className="log-client clip" title={client}>{client ? client : <Nothing />}</span>}
      <span role="cell" className="log-description clip" title={event.description}>{description === '' ? <Nothing /> : description}</span>
      <span role="cell" className="log-ip clip mono" title={event.ip}>{event.ip ? event.ip : <Nothing />}</span>
    </div>
  );
});

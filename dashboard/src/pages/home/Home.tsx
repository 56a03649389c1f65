import { useEffect, useRef, useState } from 'react';
import { config } from '../../api/config';
import { home as text } from '../../text/home';
import { Button, ButtonLink, ErrorPanel, PageHeader, toast } from '../../ui';
import { Checklist } from './Checklist';
import { useFacts } from './facts';
import { Overview } from './Overview';
import { useWelcome } from './welcome';

const KEY = `getting-started.${config.tenant.name}`;

export default function Home() {
  const found = useFacts();
  const welcome = useWelcome();
  const [stored] = useState(localStorage.getItem(KEY));
  const [isHidden, setHidden] = useState(stored === 'hidden');
  const { facts } = found;
  const isDone = facts !== undefined && facts.token !== undefined && facts.call !== undefined && facts.own !== undefined;
  // Whoever sees the last line turn goes on seeing it; who comes with everything done has no use for the list.
  const wasOpen = useRef(false);
  if (facts !== undefined && !isDone) wasOpen.current = true;
  // What held the last time holds until more is known, so that nothing jumps.
  const isOpen = facts === undefined ? stored !== 'done' : !isDone || wasOpen.current;
  const isShown = !isHidden && isOpen;
  useEffect(() => {
    if (isDone && localStorage.getItem(KEY) === null) localStorage.setItem(KEY, 'done');
    else if (facts !== undefined && !isDone && localStorage.getItem(KEY) === 'done') localStorage.removeItem(KEY);
  }, [facts, isDone]);
  const hide = () => {
    localStorage.setItem(KEY, 'hidden');
    setHidden(true);
    toast(text.hidden, { undo: show });
  };
  const show = () => {
    localStorage.removeItem(KEY);
    setHidden(false);
  };
  return (
    <>
      <PageHeader title={text.title} {...(!isShown && { actions: <ButtonLink to="/getting-started">{text.gettingStarted}</ButtonLink> })} />
      <div className="stack loose">
        {welcome.error !== undefined && <ErrorPanel title={text.welcomeFailed} error={welcome.error} retry={welcome.retry} />}
        {isShown && <Checklist found={found} isBusy={welcome.isBusy && welcome.error === undefined} takesFocus={welcome.isWelcomed} aside={<Button small kind="quiet" onClick={hide}>{text.hide}</Button>} />}
        {(facts !== undefined || found.error !== undefined || stored !== null) && <Overview />}
      </div>
    </>
  );
}

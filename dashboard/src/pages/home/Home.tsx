import { useRef, useState } from 'react';
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
  const [isHidden, setHidden] = useState(localStorage.getItem(KEY) === 'hidden');
  const { facts } = found;
  const isDone = facts !== undefined && facts.token !== undefined && facts.call !== undefined && facts.own !== undefined;
  // Whoever sees the last line turn goes on seeing it; who comes with everything done has no use for the list.
  const wasOpen = useRef(false);
  if (facts !== undefined && !isDone) wasOpen.current = true;
  const isShown = !isHidden && (!isDone || wasOpen.current);
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
        <Overview />
      </div>
    </>
  );
}

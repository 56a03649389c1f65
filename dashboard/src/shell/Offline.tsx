import { useEffect, useState, useSyncExternalStore } from 'react';
import { reach } from '../api/http';
import { queryClient } from '../api/query';
import { shell } from '../text/shell';
import { Button } from '../ui/Button';

const EVERY_S = 3;

/** Says that the server cannot be reached, tries again, and goes away by itself. */
export function Offline() {
  const isReachable = useSyncExternalStore(reach.subscribe, reach.now);
  const [left, setLeft] = useState(EVERY_S);
  useEffect(() => {
    if (isReachable) {
      void queryClient.invalidateQueries({ predicate: (query) => query.state.status === 'error' });
      return;
    }
    const timer = setInterval(() => setLeft((left) => (left > 1 ? left - 1 : (void reach.check(), EVERY_S))), 1000);
    return () => clearInterval(timer);
  }, [isReachable]);
  if (isReachable) return null;
  return (
    <div className="banner" role="alert">
      <span className="grow">{shell.offline(left)}</span>
      <Button small onClick={() => void reach.check()}>{shell.retryNow}</Button>
    </div>
  );
}

import { useEffect, useState, type ComponentType } from 'react';
import { toast } from './announce';
import { wordsOf } from './states';

/**
 * A component that is loaded when it is first wanted, and drawn as soon as it is there. For what opens over a page:
 * `lazy` would hold it back for a third of a second, so as not to flicker.
 */
export function useLate<Props>(load: () => Promise<{ default: ComponentType<Props> }>, isWanted: boolean): ComponentType<Props> | undefined {
  const [found, setFound] = useState<ComponentType<Props>>();
  useEffect(() => {
    if (!isWanted || found !== undefined) return;
    let isGone = false;
    load().then(
      ({ default: component }) => { if (!isGone) setFound(() => component); },
      (error) => toast(wordsOf(error)),
    );
    return () => {
      isGone = true;
    };
  }, [load, isWanted, found]);
  return isWanted ? found : undefined;
}

// How a stream fares in a word, and what halts it or lets it go on.
import { useSyncExternalStore } from 'react';
import { setStatus, type LogStream, type StreamHealth } from '../../api/logStreams';
import { draftStore } from '../../lib/drafts';
import { showSpan } from '../../lib/time';
import { logStreams as text } from '../../text/logStreams';
import { Button, LiveDot, refusal, toast, wordsOf } from '../../ui';
import { Pause, Play } from '../../ui/icons';
import { useAttempt } from '../../ui/useAttempt';
import { draftOf } from './form';

export const nameOf = ({ name, type }: LogStream): string => name || text.kinds[type][0];

export function State({ of: { status }, health }: { of: LogStream; health: StreamHealth | undefined }) {
  if (health?.is_delivered === false) return <LiveDot state="off">{text.states.stored}</LiveDot>;
  if (status === 'paused') return <LiveDot state="off">{text.states.paused}</LiveDot>;
  if (status === 'suspended') return <LiveDot state="error">{text.states.suspended}</LiveDot>;
  if (health?.failing_since != null) return <LiveDot state="error">{text.states.failing(showSpan(Math.max(Date.now() - Date.parse(health.failing_since), 0) / 1000))}</LiveDot>;
  return <LiveDot state="on">{health?.delivered === 0 ? text.states.waiting : text.states.sending}</LiveDot>;
}

/** Halts a stream or lets it go on, at once, and offers to take it back. */
export async function turn(stream: LogStream, isActive: boolean): Promise<void> {
  try {
    await setStatus(stream.id, isActive ? 'active' : 'paused');
    toast((isActive ? text.act.activated : text.act.paused)(nameOf(stream)), { undo: () => turn(stream, !isActive) });
  } catch (error) {
    toast(wordsOf(error));
  }
}

export function Turn({ stream }: { stream: LogStream }) {
  const { isBusy, attempt } = useAttempt();
  // A change of the state makes another version, and edits are of the one before.
  const isEdited = useSyncExternalStore(draftStore.subscribe, () => draftStore.get(draftOf(stream.id)) !== undefined);
  const isActive = stream.status === 'active';
  const reason = refusal('update:log_streams') ?? (isEdited ? text.act.unsaved : undefined);
  return (
    <Button icon={isActive ? Pause : Play} busy={isBusy} reason={reason} onClick={() => void attempt(() => turn(stream, !isActive))}>
      {isActive ? text.act.pause : stream.status === 'suspended' ? text.act.again : text.act.activate}
    </Button>
  );
}

import { useQuery } from '@tanstack/react-query';
import { deleteLogStream, streamsHealthQuery, type LogStream } from '../../api/logStreams';
import { draftStore } from '../../lib/drafts';
import { logStreams } from '../../text/logStreams';
import { ConfirmDialog, toast } from '../../ui';
import { draftOf } from './form';
import { nameOf } from './State';

const text = logStreams.remove;

export function DeleteStream({ stream, onClose, onDeleted }: { stream: LogStream | undefined; onClose: () => void; onDeleted?: () => void }) {
  const health = useQuery({ ...streamsHealthQuery(), enabled: stream !== undefined });
  const waiting = health.data?.find(({ id }) => id === stream?.id)?.waiting ?? 0;
  const name = stream === undefined ? '' : nameOf(stream);
  const act = async () => {
    if (stream === undefined) return;
    await deleteLogStream(stream.id);
    draftStore.drop(draftOf(stream.id));
    onDeleted?.();
    toast(text.deleted(name));
  };
  return (
    <ConfirmDialog open={stream !== undefined} onClose={onClose} title={text.title(name)} confirm={text.button} act={act}>
      <p>{text.effect}</p>
      {waiting > 0 && <p className="strong">{text.waiting(waiting)}</p>}
      <p className="muted">{text.forever}</p>
    </ConfirmDialog>
  );
}

import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { logStreamQuery, type LogStream } from '../../api/logStreams';
import type { Versioned } from '../../api/http';

/** The log stream of the page, which its frame has read already. */
export function useStream(): { stream: LogStream; read: Versioned<LogStream> } {
  const { id } = useParams({ from: '/log-streams/$id' });
  const { data } = useSuspenseQuery(logStreamQuery(id));
  return { stream: data.value, read: data };
}

import { logStreams } from '../../text/logStreams';
import { HistoryList } from '../../ui/HistoryList';
import { useStream } from './useStream';

export default function History() {
  const { stream } = useStream();
  return <HistoryList kind="log-streams" id={stream.id} labels={logStreams.labels} />;
}

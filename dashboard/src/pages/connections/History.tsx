import { connections } from '../../text/connections';
import { HistoryList } from '../../ui/HistoryList';
import { useConnection } from './useConnection';

export default function History() {
  const { connection } = useConnection();
  return <HistoryList kind="connections" id={connection.id} labels={connections.fields} />;
}

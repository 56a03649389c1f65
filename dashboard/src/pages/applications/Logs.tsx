import { LogsTable } from '../logs/LogsTable';
import { useApplication } from './useApplication';

export default function Logs() {
  const { client } = useApplication();
  return <LogsTable fixed={{ client_id: client.client_id }} />;
}

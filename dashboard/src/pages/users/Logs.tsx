import { LogsTable } from '../logs/LogsTable';
import { useUser } from './useUser';

export default function Logs() {
  const { user } = useUser();
  return <LogsTable fixed={{ user_id: user.user_id }} />;
}

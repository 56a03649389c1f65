import { user as words } from '../../text/user';
import { HistoryList } from '../../ui/HistoryList';
import { useUser } from './useUser';

export default function History() {
  const { user } = useUser();
  return <HistoryList kind="users" id={user.user_id} labels={words.fields} />;
}

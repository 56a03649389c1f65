import { roles } from '../../text/roles';
import { HistoryList } from '../../ui/HistoryList';
import { useRole } from './useRole';

export default function History() {
  const { role } = useRole();
  return <HistoryList kind="roles" id={role.id} labels={roles.form.fields} />;
}

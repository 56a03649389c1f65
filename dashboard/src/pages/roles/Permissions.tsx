import { roles } from '../../text/roles';
import { PermissionsTable } from './PermissionsTable';
import { useRole } from './useRole';

const text = roles.permissions;

export default function Permissions() {
  const { role } = useRole();
  return <PermissionsTable holder={{ kind: 'roles', id: role.id }} name={role.name} scope="update:roles" lead={text.lead} empty={[text.empty, text.emptyBody]} />;
}

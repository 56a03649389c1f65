import { nameOf } from '../../api/users';
import { user as words } from '../../text/user';
import { PermissionsTable } from '../roles/PermissionsTable';
import { useUser } from './useUser';

const text = words.permissions;

export default function Permissions() {
  const { user } = useUser();
  return <PermissionsTable holder={{ kind: 'users', id: user.user_id }} name={nameOf(user)} scope="update:users" lead={text.lead} empty={[text.empty, text.emptyBody]} />;
}

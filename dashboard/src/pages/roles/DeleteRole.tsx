import { useQuery } from '@tanstack/react-query';
import { deleteRole, membersPage, type Role } from '../../api/userRoles';
import { roles } from '../../text/roles';
import { ConfirmDialog, toast } from '../../ui';
import { maySeePeople } from './people';

const text = roles.remove;

/** Names the role and how many have it. */
export function DeleteRole({ role, onClose, onDeleted }: { role: Role | undefined; onClose: () => void; onDeleted?: () => void }) {
  const members = useQuery({ ...membersPage(role?.id ?? '', 0, 1), enabled: role !== undefined && maySeePeople(), retry: false });
  const remove = async () => {
    if (role === undefined) return;
    await deleteRole(role.id);
    onDeleted?.();
    toast(text.done(role.name));
  };
  return (
    <ConfirmDialog open={role !== undefined} onClose={onClose} title={text.title(role?.name ?? '')} confirm={text.button} act={remove}>
      {members.data !== undefined && members.data.total > 0 && <p className="strong">{text.members(members.data.total)}</p>}
      <p>{text.effect}</p>
      <p>{text.final}</p>
    </ConfirmDialog>
  );
}

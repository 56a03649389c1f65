import { can } from '../../auth/me';

/** Whether the person signed in is shown who has a role; roles alone are for more. */
export const maySeePeople = (): boolean => can('read:users') || can('read:role_members');

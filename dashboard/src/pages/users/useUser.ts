import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Versioned } from '../../api/http';
import { userQuery, type User } from '../../api/users';

/** The person of the page, whom its frame has read already. `within` is the path of their pages. */
export function useUser(): { user: User; read: Versioned<User>; within: string } {
  const { userId } = useParams({ from: '/users/$userId' });
  const { data } = useSuspenseQuery(userQuery(userId));
  return { user: data.value, read: data, within: pathWithin(userId) };
}

/** As the router tells paths: what means nothing in one is not escaped. */
export const pathWithin = (userId: string): string =>
  `/users/${encodeURIComponent(userId).split(/(%25|%5C)/).map((part, place) => (place % 2 === 1 ? part : decodeURI(part))).join('')}`;

/** Whether a password is kept for them here. */
export const hasPassword = ({ identities = [] }: User): boolean => identities[0]?.provider === 'auth0';

const CHANGED_HERE = ['auth0', 'email', 'sms'];

/** Whether what they are called is changed here, and not by where they come from at each login. */
export const isOurs = ({ identities = [] }: User): boolean => identities[0] === undefined || CHANGED_HERE.includes(identities[0].provider);

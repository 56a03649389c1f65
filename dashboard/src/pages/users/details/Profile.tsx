import type { ReactNode } from 'react';
import type { Versioned } from '../../../api/http';
import { queryClient } from '../../../api/query';
import { pathOf, updateUser, userQuery, type User } from '../../../api/users';
import { user as words } from '../../../text/user';
import { Notice, refusal, Section, TextField } from '../../../ui';
import { SaveBar } from '../../../ui/SaveBar';
import { useForm } from '../../../ui/useForm';
import { useConnectionNamed } from '../useConnectionNamed';
import { isOurs } from '../useUser';

const text = words.profile;
const MOST = { name: 300, nickname: 300, given_name: 150, family_name: 150, picture: 4000 };
const FIELDS = Object.keys(MOST) as (keyof typeof MOST)[];

/** What they are called, with the bar that saves it after `children`. */
export function Profile({ read, within, children }: { read: Versioned<User>; within: string; children: ReactNode }) {
  const id = read.value.user_id;
  const form = useForm<User>({
    key: `users/${id}`, read, within, path: pathOf(id), labels: text.fields, check: check(read.value),
    save: (body, etag) => updateUser(id, body, etag),
    reload: () => queryClient.fetchQuery({ ...userQuery(id), staleTime: 0 }),
    history: { kind: 'users', id },
  });
  const isSynced = useSynced(read.value);
  const refused = refusal('update:users');
  const field = (name: keyof typeof MOST, more: object = {}) => (
    <TextField
      key={name} label={text.fields[name]} disabled={refused !== undefined || isSynced} value={form.draft[name] ?? ''} onChange={(value) => form.set(name, value)} error={form.errorOf(name)} {...more}
    />
  );
  return (
    <>
      <div className="sections">
        <Section title={text.title} lead={text.lead}>
          {isSynced && <Notice>{text.synced(read.value.identities![0]!.connection)}</Notice>}
          {field('name')}
          <div className="grid" style={{ '--column': '220px' } as object}>{field('given_name')}{field('family_name')}</div>
          {field('nickname')}
          {field('picture', { mono: true, type: 'url', help: text.pictureHelp })}
        </Section>
        {children}
      </div>
      <SaveBar form={form} refused={refused} />
    </>
  );
}

const check = (stored: User) => (draft: User) =>
  Object.fromEntries(FIELDS.map((name) => {
    const value = draft[name] ?? '';
    if (value === '') return [name, stored[name] === undefined || stored[name] === '' ? undefined : text.empty];
    if ([...value].length > MOST[name]) return [name, text.long(MOST[name])];
    return [name, name === 'picture' && !URL.canParse(value) ? text.pictureBad : undefined];
  }));

/** Whether their connection says these at each login. */
function useSynced(user: User): boolean {
  const connection = useConnectionNamed(isOurs(user) ? undefined : user.identities?.[0]?.connection);
  if (isOurs(user)) return false;
  return !['on_first_login', 'never_on_login'].includes(String(connection?.options?.['set_user_root_attributes']));
}

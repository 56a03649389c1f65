import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { nameOf, usersFew, type User } from '../../api/users';
import { queryFault } from '../../lib/lucene';
import { USER_FIELDS, userQuery } from '../../lib/userQuery';
import { user as words } from '../../text/user';
import { ErrorPanel, FilterInput, Skeleton } from '../../ui';

const text = words.picker;
const FEW = 8;

/** Finds people as one types, and chooses one of them or several. */
export function PersonPicker({ chosen, onChange, isOne = false, except = [] }: {
  chosen: User[];
  /** Those chosen before, and at the end what was chosen now. */
  onChange: (chosen: User[]) => void;
  isOne?: boolean;
  /** Who is not to be chosen. */
  except?: string[];
}) {
  const id = useId();
  const [q, setQ] = useState('');
  const isAsked = q.trim() !== '' && queryFault(userQuery(q), USER_FIELDS) === undefined;
  const found = useQuery({ ...usersFew(userQuery(q)), enabled: isAsked, placeholderData: (before) => before });
  const rows = isAsked ? found.data?.filter(({ user_id }) => !except.includes(user_id)) : undefined;
  const isChosen = ({ user_id }: User) => chosen.some((one) => one.user_id === user_id);
  const toggle = (user: User) => onChange(isOne ? [user] : isChosen(user) ? chosen.filter(({ user_id }) => user_id !== user.user_id) : [...chosen, user]);
  return (
    <div className="stack tight">
      <div className="row"><FilterInput value={q} onChange={setQ} label={text.label} placeholder={text.placeholder} delay={200} /></div>
      {!isAsked ? <p className="muted small">{text.rest}</p>
        : found.isError ? <ErrorPanel error={found.error} retry={() => void found.refetch()} />
          : rows === undefined ? <Skeleton lines={3} height={28} />
            : rows.length === 0 ? <p className="muted small" role="status">{text.none(q)}</p>
              : (
                <div className="scopes" role="group" aria-label={text.results}>
                  {rows.map((user) => (
                    <div className="check" key={user.user_id}>
                      <input type={isOne ? 'radio' : 'checkbox'} name={id} id={`${id}${user.user_id}`} checked={isChosen(user)} onChange={() => toggle(user)} />
                      <label htmlFor={`${id}${user.user_id}`}>
                        <span className="strong anywhere">{nameOf(user)}</span>
                        <span className="help anywhere">{[user.email !== nameOf(user) && user.email, user.identities?.[0]?.connection].filter(Boolean).join(' · ')}</span>
                      </label>
                    </div>
                  ))}
                </div>
              )}
      {rows?.length === FEW && <p className="muted small">{text.more}</p>}
    </div>
  );
}

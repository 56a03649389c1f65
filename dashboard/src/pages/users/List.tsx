// Who there is: searched, sorted and paged by the server.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import { ApiError } from '../../api/http';
import { REACH, usersPage, type User, type UserPage } from '../../api/users';
import { can } from '../../auth/me';
import { queryFault } from '../../lib/lucene';
import { USER_FIELDS, userQuery } from '../../lib/userQuery';
import { ui } from '../../text/ui';
import { users as text } from '../../text/users';
import { Allowed, Button, EmptyState, ErrorPanel, IconButton, Menu, MenuItem, PageHeader, refusal, Skeleton, useSearchParams } from '../../ui';
import { Download, Ellipsis, Plus, Upload, Users } from '../../ui/icons';
import { useLate } from '../../ui/late';
import { Pages } from '../../ui/Pages';
import { QueryBox } from '../../ui/QueryBox';
import { DeleteUser } from './DeleteUser';
import { Table } from './Table';

const PER_PAGE = 50;
export const NEWEST = '-created_at';

const loadCreate = () => import('./CreateUser');
const loadImport = () => import('./ImportUsers');
const loadExport = () => import('./ExportUsers');

export default function List() {
  const [{ q = '', page: pageText = '1', sort = NEWEST, create, job }, setSearch] = useSearchParams();
  const [doomed, setDoomed] = useState<User>();
  const page = Math.min(Math.max(Number.parseInt(pageText, 10) || 1, 1), REACH / PER_PAGE);
  // A query that is wrong leaves what the one before found.
  const [good, setGood] = useState('');
  if (q !== good && queryFault(q, USER_FIELDS) === undefined) setGood(q);
  const asked = usersPage(userQuery(good), sort, page - 1, PER_PAGE);
  const mayRead = can('read:users');
  const found = useQuery({ ...asked, enabled: mayRead, placeholderData: (before) => before });
  const refused = found.error instanceof ApiError && found.error.statusCode === 400 ? found.error.message : undefined;
  // What the server does not take leaves it too.
  const kept = useRef<UserPage>(undefined);
  if (found.data !== undefined) kept.current = found.data;
  const shown = found.data ?? (refused === undefined ? undefined : kept.current);
  const total = shown?.total ?? 0;
  const search = useCallback((q: string) => setSearch({ q, page: undefined }), [setSearch]);
  const clear = () => search('');
  const open = (what: 'user' | 'import' | 'export' | '') => setSearch({ create: what === 'user' ? '1' : undefined, job: what === 'import' || what === 'export' ? what : undefined });
  const close = () => open('');
  const CreateUser = useLate(loadCreate, create !== undefined && can('create:users'));
  const ImportUsers = useLate(loadImport, job === 'import' && can('create:users'));
  const ExportUsers = useLate(loadExport, job === 'export' && mayRead);
  return (
    <>
      <PageHeader
        title={text.title} lead={text.lead}
        actions={
          <>
            {(mayRead || can('create:users')) && (
              <Menu trigger={<IconButton icon={Ellipsis} label={text.more2} />}>
                {can('create:users') && <MenuItem icon={Upload} onSelect={() => open('import')}>{text.importing.menu}</MenuItem>}
                {mayRead && <MenuItem icon={Download} onSelect={() => open('export')}>{text.exporting.menu}</MenuItem>}
              </Menu>
            )}
            <Allowed scope="create:users"><Button kind="primary" icon={Plus} onClick={() => open('user')}>{text.create}</Button></Allowed>
          </>
        }
      />
      {!mayRead ? <EmptyState icon={Users} title={text.noReading}>{refusal('read:users')}</EmptyState> : (
        <>
          <div className="toolbar">
            <QueryBox value={q} refused={refused} words={text} fields={USER_FIELDS} rest={350} onSearch={search} />
            <span className="muted number small" role="status">{shown !== undefined && text.count(total)}</span>
          </div>
          {shown === undefined ? (found.isError && refused === undefined ? <ErrorPanel error={found.error} retry={() => void found.refetch()} /> : refused === undefined && <Skeleton lines={10} height={36} />)
            : (
              <>
                {found.isError && refused === undefined && <ErrorPanel error={found.error} retry={() => void found.refetch()} />}
                {shown.users.length > 0 ? <Table users={shown.users} queryKey={asked.queryKey} onDelete={setDoomed} />
                  : good !== '' ? <EmptyState icon={Users} title={ui.noMatch(good)} actions={<Button onClick={clear}>{ui.clearFilter}</Button>} />
                    : <Empty onOpen={open} />}
                <Pages page={page} of={Math.ceil(Math.min(total, REACH) / PER_PAGE)} onPage={(page) => setSearch({ page: page === 1 ? undefined : String(page) }, { push: true })} />
                {total > REACH && <p className="muted small" style={{ textAlign: 'center', marginTop: 8 }}>{text.reach}</p>}
              </>
            )}
        </>
      )}
      {CreateUser !== undefined && <CreateUser onClose={close} />}
      {ImportUsers !== undefined && <ImportUsers onClose={close} />}
      {ExportUsers !== undefined && <ExportUsers onClose={close} />}
      <DeleteUser user={doomed} onClose={() => setDoomed(undefined)} />
    </>
  );
}

const Empty = ({ onOpen }: { onOpen: (what: 'user' | 'import') => void }) => (
  <EmptyState
    icon={Users} title={text.emptyTitle}
    actions={
      <Allowed scope="create:users">
        <Button kind="primary" onClick={() => onOpen('user')}>{text.create}</Button>
        <Button onClick={() => onOpen('import')}>{text.importing.menu}</Button>
      </Allowed>
    }
  >
    {text.empty}
  </EmptyState>
);

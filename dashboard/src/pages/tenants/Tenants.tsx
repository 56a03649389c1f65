import { useQuery } from '@tanstack/react-query';
import { config, tenantPath } from '../../api/config';
import { tenantsQuery, type Tenant } from '../../api/tenant';
import { can } from '../../auth/me';
import { showAgo, showTime } from '../../lib/time';
import { shell } from '../../text/shell';
import { tenants as text } from '../../text/tenants';
import { Badge, Button, CopyLine, DataTable, EmptyState, ErrorPanel, FilterInput, PageHeader, Skeleton, useSearchParam, type Column } from '../../ui';
import { Plus } from '../../ui/icons';
import { CreateTenant } from './CreateTenant';

const isHere = (tenant: Tenant) => tenant.name === config.tenant.name;

const COLUMNS: Column<Tenant>[] = [
  {
    key: 'name', header: text.columns.name, sort: (tenant) => tenant.name,
    cell: (tenant) => (
      // Another tenant is another page: its token is not ours.
      <a className="name anywhere" href={tenantPath(tenant.name)} {...(isHere(tenant) && { 'aria-current': 'true' })}>{tenant.name}</a>
    ),
  },
  { key: 'environment', header: text.columns.environment, sort: (tenant) => tenant.environment, cell: (tenant) => <span className="environment" data-environment={tenant.environment}>{shell.environmentShort[tenant.environment]}</span> },
  { key: 'domain', header: text.columns.domain, sort: (tenant) => tenant.domain, cell: (tenant) => <CopyLine value={tenant.domain} what={`${text.columns.domain} ${tenant.name}`} /> },
  { key: 'created', header: text.columns.created, sort: (tenant) => tenant.created_at, cell: (tenant) => <time className="nobreak" dateTime={tenant.created_at} title={showTime(tenant.created_at)}>{showAgo(tenant.created_at)}</time> },
  {
    key: 'switch', header: text.columns.actions, end: true,
    cell: (tenant) => (isHere(tenant) ? <Badge kind="accent">{text.here}</Badge> : <a className="button small" href={tenantPath(tenant.name)} aria-label={text.switchTo(tenant.name)}>{text.switch}</a>),
  },
];

export default function Tenants() {
  const tenants = useQuery(tenantsQuery());
  const [q, setQ] = useSearchParam('q');
  const [create, setCreate] = useSearchParam('create');
  const needle = q.trim().toLowerCase();
  const shown = (tenants.data ?? []).filter(({ name, domain }) => name.includes(needle) || domain.includes(needle));
  return (
    <>
      <PageHeader
        title={text.title} lead={text.lead}
        {...(can('create:tenants') && { actions: <Button kind="primary" icon={Plus} onClick={() => setCreate('1')}>{text.create}</Button> })}
      />
      {tenants.isPending ? <Skeleton lines={5} height={32} />
        : tenants.isError ? <ErrorPanel error={tenants.error} retry={() => void tenants.refetch()} />
          : (
            <>
              <div className="toolbar"><FilterInput value={q} onChange={setQ} label={text.filter} status={text.count(shown.length, tenants.data.length)} /></div>
              {shown.length === 0 ? <EmptyState title={text.noMatch(q)} actions={<Button onClick={() => setQ('')}>{text.clear}</Button>} />
                : <DataTable label={text.title} columns={COLUMNS} rows={shown} rowKey={(tenant) => tenant.name} initialSort="name" />}
            </>
          )}
      {create !== '' && can('create:tenants') && <CreateTenant onClose={() => setCreate('')} />}
    </>
  );
}

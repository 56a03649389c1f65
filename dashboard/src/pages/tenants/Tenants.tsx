import { tenant } from '../../text/tenant';
import { PageHeader } from '../../ui';

export default function Tenants() {
  return <PageHeader title={tenant.tenants} />;
}

import { apis } from '../../text/apis';
import { PageHeader } from '../../ui';

export default function List() {
  return <PageHeader title={apis.title} />;
}

import { applications } from '../../text/applications';
import { PageHeader } from '../../ui';

export default function List() {
  return <PageHeader title={applications.title} />;
}

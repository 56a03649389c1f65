import { administrators } from '../../text/administrators';
import { PageHeader } from '../../ui';

export default function Administrators() {
  return <PageHeader title={administrators.title} />;
}

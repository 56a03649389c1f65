import { usage } from '../../text/usage';
import { PageHeader } from '../../ui';

export default function Usage() {
  return <PageHeader title={usage.title} />;
}

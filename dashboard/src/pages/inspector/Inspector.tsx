import { inspector } from '../../text/inspector';
import { PageHeader } from '../../ui';

export default function Inspector() {
  return <PageHeader title={inspector.title} />;
}

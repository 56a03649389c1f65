import { home } from '../../text/home';
import { PageHeader } from '../../ui';

export default function GettingStarted() {
  return <PageHeader title={home.title} />;
}

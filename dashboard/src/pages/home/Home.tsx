import { home } from '../../text/home';
import { PageHeader } from '../../ui';

export default function Home() {
  return <PageHeader title={home.title} />;
}

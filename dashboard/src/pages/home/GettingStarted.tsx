import { home as text } from '../../text/home';
import { PageHeader } from '../../ui';
import { Checklist } from './Checklist';
import { useFacts } from './facts';

/** The checklist on its own, where it is found again after it was hidden. */
export default function GettingStarted() {
  const found = useFacts();
  return (
    <>
      <PageHeader title={text.gettingStarted} lead={text.gettingStartedLead} />
      <Checklist found={found} isBusy={false} />
    </>
  );
}

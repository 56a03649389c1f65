import { application } from '../../text/application';
import { HistoryList } from '../../ui/HistoryList';
import { useApplication } from './useApplication';

export default function History() {
  const { client } = useApplication();
  return <HistoryList kind="clients" id={client.client_id} labels={application.fields} />;
}

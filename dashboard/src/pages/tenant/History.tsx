import { tenant as text } from '../../text/tenant';
import { HistoryList } from '../../ui/HistoryList';

export default function History() {
  return <HistoryList kind="tenants" id="settings" labels={text.labels} />;
}

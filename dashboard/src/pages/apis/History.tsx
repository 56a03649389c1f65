import { apis as words } from '../../text/apis';
import { Skeleton } from '../../ui';
import { HistoryList } from '../../ui/HistoryList';
import { useApi } from './useApi';

export default function History() {
  const read = useApi();
  return read === undefined ? <Skeleton lines={6} height={20} /> : <HistoryList kind="resource-servers" id={read.value.id} labels={words.fields} />;
}

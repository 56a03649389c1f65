import { Skeleton } from '../../../ui';
import { useApi } from '../useApi';
import { Editor } from './Editor';
import { SystemPermissions } from './SystemPermissions';

export default function Permissions() {
  const read = useApi();
  if (read === undefined) return <Skeleton lines={8} height={32} />;
  return read.value.is_system === true ? <SystemPermissions api={read.value} /> : <Editor key={read.value.id} read={read} />;
}

import { revoke, type RevocationKind } from '../../api/revocations';
import { revocations as text } from '../../text/revocations';
import { ConfirmDialog, toast } from '../../ui';

/** Asks before every token of something is refused; `name` has to be typed where that is everything. */
export function RevokeAll({ open, onClose, kind, subject, name }: {
  open: boolean;
  onClose: () => void;
  kind: Exclude<RevocationKind, 'token'>;
  subject?: string | undefined;
  name: string;
}) {
  const act = async () => {
    await revoke({ kind, ...(subject !== undefined && { subject }) });
    toast(text.allDone(name));
  };
  return (
    <ConfirmDialog open={open} onClose={onClose} title={text.allOfTitle(name)} confirm={text.allButton} act={act} typeName={kind === 'tenant' ? name : undefined}>
      {kind === 'tenant' && <p>{text.tenantEffect}</p>}
      <p>{text.allEffect}</p>
      <p className="muted small">{text.reach}</p>
    </ConfirmDialog>
  );
}

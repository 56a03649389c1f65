import type { Scope } from '../../../api/resourceServers';
import { apis as words } from '../../../text/apis';
import { ui } from '../../../text/ui';
import { Badge, Button, Dialog, ErrorPanel, TextArea } from '../../../ui';
import { MOST_SCOPES, parsePasted, withPasted } from './scopes';
import { useAttempt } from '../../../ui/useAttempt';

/** Many permissions at once; what each line will do is shown while it is typed. */
export function PasteMany({ open, text, onText, onClose, scopes, save }: {
  open: boolean;
  text: string;
  onText: (text: string) => void;
  onClose: () => void;
  scopes: Scope[];
  save: (change: (scopes: Scope[]) => Scope[], added: number) => Promise<void>;
}) {
  const { isBusy, error, attempt } = useAttempt();
  const pasted = parsePasted(text, scopes);
  const faults = pasted.filter(({ fault }) => fault !== undefined);
  const effective = pasted.filter(({ is, fault }) => is !== 'same' && fault === undefined);
  const added = effective.filter(({ is }) => is === 'new').length;
  const isFull = scopes.length + added > MOST_SCOPES;
  const reason = pasted.length === 0 ? words.scopes.pasteFirst : faults.length > 0 ? words.scopes.pasteFaults(faults.length) : isFull ? words.scopes.full(MOST_SCOPES) : effective.length === 0 ? words.scopes.pasteSame : undefined;
  const run = async () => {
    await attempt(async () => {
      await save((scopes) => withPasted(scopes, pasted), added);
      onText('');
      onClose();
    });
  };
  return (
    <Dialog
      open={open} onClose={onClose} title={words.scopes.pasteTitle} width={720}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} reason={reason} onClick={() => void run()}>{words.scopes.pasteSave(effective.length)}</Button></>}
    >
      <TextArea label={words.scopes.pasteLabel} help={words.scopes.pasteHelp} mono rows={8} placeholder={words.scopes.pastePlaceholder} value={text} onChange={onText} />
      <p className="muted small" role="status">{pasted.length === 0 ? '' : words.scopes.pasteSummary(added, effective.length - added, faults.length)}</p>
      {pasted.length > 0 && (
        <ul className="pasted" aria-label={words.scopes.pastePreview} tabIndex={0}>
          {pasted.map(({ line, value, description, fault, is }) => (
            <li key={line}>
              <span className="muted number small">{line}</span>
              <code className="anywhere">{value}</code>
              <span className={fault === undefined ? 'muted small anywhere' : 'error-text'}>{fault === undefined ? description : words.scopes.faults[fault](value)}</span>
              <Badge {...(fault !== undefined ? { kind: 'danger' as const } : is === 'new' ? { kind: 'success' as const } : is === 'changed' ? { kind: 'accent' as const } : {})}>
                {fault !== undefined ? words.scopes.refused : words.scopes.is[is]}
              </Badge>
            </li>
          ))}
        </ul>
      )}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}

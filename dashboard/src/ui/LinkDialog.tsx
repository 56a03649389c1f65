import { useState } from 'react';
import { showTime } from '../lib/time';
import { ui } from '../text/ui';
import { CopyButton } from './CopyButton';
import { ShownOnceDialog } from './Dialog';
import { TextField } from './fields';

export type Link = { title: string; lead: string; label: string; url: string; expires?: string };

/** A link that is shown now and never again. */
export function LinkDialog({ link, onClose }: { link: Link; onClose: () => void }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <ShownOnceDialog
      open onClose={onClose} title={link.title} copied={isCopied}
      actions={<CopyButton value={link.url} what={link.label} label={ui.copyLink} small={false} onCopied={() => setCopied(true)} />}
    >
      <p>{link.lead} {link.expires !== undefined && ui.linkUntil(showTime(link.expires))}</p>
      <TextField label={link.label} value={link.url} mono onFocus={(event) => event.target.select()} />
    </ShownOnceDialog>
  );
}

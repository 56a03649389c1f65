import type { Use } from '../../../api/secrets';
import { showAgo, showTime } from '../../../lib/time';
import { credentials as text } from '../../../text/credentials';
import { ui } from '../../../text/ui';

/** When and from where a credential was used. */
export function LastUse({ use }: { use: Use | null | undefined }) {
  if (!use) return <span className="muted">{ui.never}</span>;
  return <span><time dateTime={use.at} title={showTime(use.at)} className="nobreak">{showAgo(use.at)}</time> <span className="muted small anywhere">{text.lastUsedFrom(use.ip)}</span></span>;
}

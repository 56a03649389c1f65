import type { Use } from '../../../api/secrets';
import { showAgo, showTime } from '../../../lib/time';
import { credentials as text } from '../../../text/credentials';
import { ui } from '../../../text/ui';

/** When and from where a credential was used. */
export function LastUse({ use }: { use: Use | null | undefined }) {
  if (!use) return <span className="muted">{ui.never}</span>;
  return <><time dateTime={use.at} title={showTime(use.at)}>{showAgo(use.at)}</time> <span className="muted small nobreak">{text.lastUsedFrom(use.ip)}</span></>;
}

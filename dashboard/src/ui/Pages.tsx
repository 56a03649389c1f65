import { ui as words } from '../text/ui';
import { Button } from './Button';
import { ArrowLeft, ArrowRight } from './icons';

/** The way through the pages of a long list; nothing when there is one. */
export function Pages({ page, of, onPage }: { page: number; of: number; onPage: (page: number) => void }) {
  if (of <= 1) return null;
  return (
    <nav className="row pages" aria-label={words.pages}>
      <Button small icon={ArrowLeft} disabled={page <= 1} onClick={() => onPage(page - 1)}>{words.previous}</Button>
      <span className="muted number small" role="status">{words.pageOf(page, of)}</span>
      <Button small disabled={page >= of} onClick={() => onPage(page + 1)}>{words.next}<ArrowRight className="icon" size={16} aria-hidden /></Button>
    </nav>
  );
}

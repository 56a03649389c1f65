import { Link } from '@tanstack/react-router';
import { showNumber } from '../../lib/time';
import { usage as text } from '../../text/usage';
import { ChartFrame } from '../../ui/ChartFrame';
import './usage.css';

export type Bar = { key: string; label: string; count: number; search: Record<string, string | undefined> };

/** Refusals by reason, most first; each leads to its events. */
export function Reasons({ bars }: { bars: Bar[] }) {
  const most = Math.max(...bars.map((bar) => bar.count), 1);
  const table = () => ({ head: [text.reason, text.count], rows: bars.map((bar) => [bar.label, bar.count]) });
  const summary = bars.length === 0 ? text.noReasons : text.reasonsSummary(bars.map((bar) => `${bar.label} ${showNumber(bar.count)}`).join(', '));
  return (
    <ChartFrame label={text.reasons} summary={summary} table={table}>
      {bars.length === 0 ? <p className="muted">{text.noReasons}</p> : (
        <ul className="bars">
          {bars.map((bar) => (
            <li key={bar.key}>
              <Link to="/logs" search={bar.search as never}>
                <span className="row spread nowrap"><span>{bar.label}</span><span className="number strong"><span className="sr">: </span>{showNumber(bar.count)}</span></span>
                <span className="sr">. {text.toLogs}</span>
                <span className="track" aria-hidden><span style={{ width: `${(bar.count / most) * 100}%` }} /></span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </ChartFrame>
  );
}

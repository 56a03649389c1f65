// What the log is filtered by, as it stands in the address, and as the server is asked.
import { useMemo, useState } from 'react';
import { allOf, oneOf, queryFault, quoted } from '../../lib/lucene';
import { stretchOf, type Range, type Stretch } from '../../lib/range';
import { severity } from '../../lib/severity';
import { logs as text } from '../../text/logs';
import { useSearchParams } from '../../ui';

export const OUTCOMES = ['error', 'warning', 'success'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What cannot be filtered away: all events of an application, or of a person, for their own pages. */
export type Fixed = { client_id?: string; user_id?: string };

const USUAL: Range = '24h';
const CODES = Object.keys(text.types);

/** The events of these outcomes; those that are told apart by exclusion include types that this page does not know. */
function ofOutcomes(outcomes: Outcome[]): string {
  if (outcomes.length === 0 || outcomes.length === OUTCOMES.length) return '';
  const codes = (wanted: (outcome: Outcome) => boolean) => CODES.filter((code) => wanted(severity(code)));
  return outcomes.includes('success')
    ? `NOT ${oneOf('type', codes((outcome) => !outcomes.includes(outcome)))}`
    : oneOf('type', codes((outcome) => outcomes.includes(outcome)));
}

export type LogFilter = {
  /** As the address has it. */
  q: string;
  /** The last query that was right: what is searched for. */
  applied: string;
  outcomes: Outcome[];
  client: string | undefined;
  range: string;
  stretch: Stretch;
  isLive: boolean;
  /** Everything but time. */
  query: string;
  /** Everything but time and outcome: what the numbers of the outcomes are taken from. */
  queryOfAll: string;
  from: string;
  to: string | undefined;
};

export type FilterChange = { q?: string; is?: Outcome[]; client?: string | undefined; range?: string; from?: Date | undefined; to?: Date | undefined; live?: boolean };

/** The filter, how to change it, and how to move its end to now. */
export function useFilter(fixed: Fixed): { filter: LogFilter; change: (change: FilterChange) => void; refresh: () => void } {
  const [search, setSearch] = useSearchParams();
  const [now, setNow] = useState(Date.now());
  const { q = '', is = '', client, range = USUAL, from, to, live } = search;
  const [good, setGood] = useState('');
  if (q !== good && queryFault(q) === undefined) setGood(q);
  const filter = useMemo((): LogFilter => {
    const outcomes = OUTCOMES.filter((outcome) => is.split(',').includes(outcome));
    const stretch = stretchOf({ range, from, to }, USUAL, now);
    const clientId = fixed.client_id ?? client;
    const queryOfAll = allOf(good, clientId && `client_id:${quoted(clientId)}`, fixed.user_id && `user_id:${quoted(fixed.user_id)}`);
    return {
      q, applied: good, outcomes, client, stretch, queryOfAll,
      range: from === undefined && to === undefined ? range : 'custom',
      isLive: live === '1' && stretch.isOpen,
      query: allOf(queryOfAll, ofOutcomes(outcomes)),
      from: stretch.from.toISOString(),
      to: stretch.isOpen ? undefined : stretch.to.toISOString(),
    };
  }, [q, good, is, client, range, from, to, live, now, fixed.client_id, fixed.user_id]);
  const change = (change: FilterChange) => {
    setNow(Date.now());
    setSearch(
      {
        ...('q' in change && { q: change.q }),
        ...('is' in change && { is: change.is?.join(',') }),
        ...('client' in change && { client: change.client }),
        ...('range' in change && { range: change.range === USUAL ? undefined : change.range, from: undefined, to: undefined }),
        ...('from' in change && { from: change.from?.toISOString(), to: change.to?.toISOString(), range: undefined }),
        ...('live' in change && { live: change.live === true ? '1' : undefined }),
      },
      // Back undoes a filter; turning Live on and off is none.
      { push: !('live' in change) },
    );
  };
  return { filter, change, refresh: () => setNow(Date.now()) };
}

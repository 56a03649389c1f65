import { stepsOf } from '../../lib/trace';
import { trace as text } from '../../text/trace';
import { CircleCheck, CircleX } from '../../ui/icons';
import './trace.css';

/** The steps of a request for a token, and what it came to. */
export function Trace({ trace, isGood, outcome }: { trace: Record<string, unknown>; isGood: boolean; outcome: string }) {
  const Icon = isGood ? CircleCheck : CircleX;
  return (
    <ol className="trace">
      {stepsOf(trace).map(({ name, words }, place) => <li key={place}><span className="name">{name}</span><span className="anywhere">{words}</span></li>)}
      <li className={isGood ? 'good' : 'bad'}>
        <span className="name row nowrap"><Icon className="icon" size={16} aria-hidden />{text.outcome}</span><span className="anywhere">{outcome}</span>
      </li>
    </ol>
  );
}

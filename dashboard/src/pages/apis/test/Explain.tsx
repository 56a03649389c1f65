import { useEffect, useRef } from 'react';
import type { Explanation } from '../../../api/extras';
import { trace as text } from '../../../text/trace';
import { Trace } from '../../logs/Trace';

/** What the token endpoint would decide, step by step. */
export function Explain({ explanation: { allowed, error, trace } }: { explanation: Explanation }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // As for an answer: it is below the button that asked.
  useEffect(() => { heading.current?.scrollIntoView({ block: 'start' }); }, [trace]);
  return (
    <section className="stack" aria-labelledby="explained-title">
      <h2 id="explained-title" className="result-title" ref={heading}>{text.explained}</h2>
      <Trace trace={trace} isGood={allowed} outcome={allowed ? text.would : text.wouldNot(error?.error_description ?? error?.error ?? '')} />
    </section>
  );
}

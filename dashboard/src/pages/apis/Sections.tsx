import { useEffect, useState } from 'react';
import { apis as words } from '../../text/apis';

/** Links to the sections of a long page, with the one in sight marked. */
export function Sections({ of }: { of: { id: string; title: string }[] }) {
  const [current, setCurrent] = useState(of[0]?.id);
  useEffect(() => {
    const seen = () => {
      const passed = of.filter(({ id }) => (document.getElementById(id)?.getBoundingClientRect().top ?? Number.POSITIVE_INFINITY) < innerHeight / 3);
      setCurrent((passed.at(-1) ?? of[0])?.id);
    };
    addEventListener('scroll', seen, { passive: true });
    return () => removeEventListener('scroll', seen);
  }, [of]);
  const go = (id: string) => {
    const section = document.getElementById(id);
    section?.scrollIntoView({ block: 'start' });
    section?.querySelector<HTMLElement>('input:not(:disabled), button:not(:disabled), select')?.focus({ preventScroll: true });
  };
  return (
    <nav className="side" aria-label={words.settings.sectionsLabel}>
      <ul>
        {of.map(({ id, title }) => (
          <li key={id}><a href={`#${id}`} aria-current={id === current ? 'true' : undefined} onClick={(event) => { event.preventDefault(); go(id); }}>{title}</a></li>
        ))}
      </ul>
    </nav>
  );
}

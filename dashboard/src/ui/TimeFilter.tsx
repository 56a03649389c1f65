import { useState } from 'react';
import { fromLocalInput, RANGES, toLocalInput, type Stretch } from '../lib/range';
import { ui } from '../text/ui';
import { Button } from './Button';
import { FieldError } from './fields';

/** The time that is looked at: one of the ranges, or from one time to another. */
export function TimeFilter({ range, stretch, onRange, onStretch }: {
  /** One of the ranges, or `custom`. */
  range: string;
  stretch: Stretch;
  onRange: (range: string) => void;
  onStretch: (from: Date, to: Date) => void;
}) {
  const [isCustom, setCustom] = useState(false);
  const isOpen = isCustom || range === 'custom';
  return (
    <>
      <select
        className="input time-range" aria-label={ui.range} value={isOpen ? 'custom' : range}
        onChange={({ target: { value } }) => {
          setCustom(value === 'custom');
          if (value !== 'custom') onRange(value);
        }}
      >
        {RANGES.map((name) => <option key={name} value={name}>{ui.ranges[name]}</option>)}
        <option value="custom">{ui.ranges.custom}</option>
      </select>
      {isOpen && <Custom key={`${stretch.from.getTime()} ${stretch.to.getTime()}`} stretch={stretch} onStretch={(from, to) => { setCustom(false); onStretch(from, to); }} />}
    </>
  );
}

function Custom({ stretch, onStretch }: { stretch: Stretch; onStretch: (from: Date, to: Date) => void }) {
  const [from, setFrom] = useState(toLocalInput(stretch.from));
  const [to, setTo] = useState(toLocalInput(stretch.to));
  const [begins, ends] = [fromLocalInput(from), fromLocalInput(to)];
  const isRight = begins !== undefined && ends !== undefined && begins < ends;
  const isChanged = from !== toLocalInput(stretch.from) || to !== toLocalInput(stretch.to);
  return (
    <form className="time-custom" onSubmit={(event) => { event.preventDefault(); if (isRight) onStretch(begins, ends); }}>
      <label>{ui.from}<input className="input" type="datetime-local" value={from} max={to} onChange={(event) => setFrom(event.target.value)} /></label>
      <label>{ui.to}<input className="input" type="datetime-local" value={to} min={from} aria-invalid={!isRight} onChange={(event) => setTo(event.target.value)} /></label>
      <Button type="submit" {...(!isRight && { reason: ui.rangeOrder })} disabled={!isChanged && isRight}>{ui.apply}</Button>
      {!isRight && <FieldError>{ui.rangeOrder}</FieldError>}
    </form>
  );
}

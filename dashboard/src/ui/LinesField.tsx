import { useState, type ReactNode } from 'react';
import { TextArea } from './fields';

/** A list of texts, one per line. Spaces around them and empty lines stay while somebody types, and mean nothing. */
export function LinesField({ value = [], onChange, rows = 3, ...field }: { label: string; help?: ReactNode; error?: string | undefined; rows?: number; disabled?: boolean; value: string[] | undefined; onChange: (lines: string[]) => void }) {
  const [typed, setTyped] = useState('');
  const stored = value.join('\n');
  const type = (text: string) => {
    setTyped(text);
    onChange(linesOf(text));
  };
  return <TextArea {...field} rows={rows} mono value={linesOf(typed).join('\n') === stored ? typed : stored} onChange={type} onBlur={() => setTyped(stored)} />;
}

function linesOf(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}

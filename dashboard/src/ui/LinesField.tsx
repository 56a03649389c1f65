import type { ReactNode } from 'react';
import { TextArea } from './fields';

/** A list of texts, one per line. */
export function LinesField({ value, onChange, rows = 3, ...field }: { label: string; help?: ReactNode; error?: string | undefined; rows?: number; disabled?: boolean; value: string[] | undefined; onChange: (lines: string[]) => void }) {
  return <TextArea {...field} rows={rows} mono value={(value ?? []).join('\n')} onChange={(text) => onChange(text === '' ? [] : text.split('\n').map((line) => line.trimStart()))} />;
}

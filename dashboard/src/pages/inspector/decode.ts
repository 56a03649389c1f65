// Reads a token as text. Nothing is verified here; that is the server's.

export type Fault = 'empty' | 'opaque' | 'encrypted' | 'parts' | 'header' | 'payload';

export type Decoded = {
  /** The token itself, without what it was pasted with. */
  token: string;
  parts: string[];
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  fault?: Fault;
};

/** A token out of what people paste: an answer in JSON, a header line, quotes, line breaks. */
export function tokenIn(text: string): string {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) {
    try {
      const answer = JSON.parse(trimmed) as Record<string, unknown>;
      const token = answer['access_token'] ?? answer['id_token'] ?? answer['token'];
      if (typeof token === 'string') return token.trim();
    } catch {
      // Not JSON after all.
    }
  }
  return trimmed.replace(/^(authorization:)?\s*bearer\s+/i, '').replace(/["'`\s]/g, '');
}

export function decode(text: string): Decoded {
  const token = tokenIn(text);
  const parts = token.split('.');
  if (token === '') return { token, parts: [], fault: 'empty' };
  const header = object(parts[0]!);
  const read = { token, parts, ...(header !== undefined && { header }) };
  if (parts.length === 1) return { ...read, fault: 'opaque' };
  if (parts.length === 5 && header !== undefined) return { ...read, fault: 'encrypted' };
  if (parts.length !== 3) return { ...read, fault: 'parts' };
  if (header === undefined) return { ...read, fault: 'header' };
  const claims = object(parts[1]!);
  return claims === undefined ? { ...read, fault: 'payload' } : { ...read, claims };
}

function object(part: string): Record<string, unknown> | undefined {
  try {
    const bytes = Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

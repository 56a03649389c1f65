/** The object that a text is in JSON, or nothing. */
export function objectOf(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A value as people read and edit it. */
export const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

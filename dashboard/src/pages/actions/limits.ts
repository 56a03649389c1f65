/** What code may weigh, in bytes. */
const MOST = 102_400;

export const isTooLong = (code: string): boolean => new TextEncoder().encode(code).length > MOST;

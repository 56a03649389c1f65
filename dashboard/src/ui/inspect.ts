// Opens the token inspector as a drawer over any page. The token stays in memory: an address would keep it.
export type ToInspect = { token: string; audience?: string; scope?: string };

let current: ToInspect | undefined;
const listeners = new Set<() => void>();

export const inspecting = {
  now: () => current,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

/** With nothing, closes it. */
export function inspect(token?: ToInspect) {
  current = token;
  for (const listener of listeners) listener();
}

// The tenant's environment tag. It comes with the page, and changes at once when it is saved.
import { config, type Environment } from '../api/config';

const listeners = new Set<() => void>();

export const environment = {
  now: (): Environment => config.tenant.environment,
  set: (tag: Environment) => {
    config.tenant.environment = tag;
    for (const listener of listeners) listener();
  },
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

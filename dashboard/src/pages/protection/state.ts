/** A protection that does nothing about what it finds is only watching. */
export const stateOf = ({ enabled, shields }: { enabled?: boolean; shields?: string[] }): 'on' | 'watching' | 'off' =>
  enabled === false ? 'off' : (shields ?? []).includes('block') ? 'on' : 'watching';

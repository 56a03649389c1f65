// Names of tenants: part of a host name.

/** Which of the rules a name follows. */
export const nameRules = (name: string) => ({
  length: name.length >= 3 && name.length <= 63,
  characters: /^[a-z0-9-]+$/.test(name),
  ends: /^[^-].*[^-]$|^[^-]$/.test(name),
});

export const isTenantName = (name: string): boolean => Object.values(nameRules(name)).every(Boolean);

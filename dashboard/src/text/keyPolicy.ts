// When signing keys are rotated by themselves.
export const keyPolicy = {
  title: 'Rotation',
  lead: 'A key that signs for long is worth more to whoever steals it. The next key is published before it signs, so that APIs that keep the keys for a while know it already.',
  automatic: 'Rotate by itself',
  every: 'Every',
  days: 'days',
  everyBad: 'Enter whole days, from 1 to 365, and more than the days of announcement.',
  announce: 'Published before it signs',
  announceHelp: 'Days, from 0 to 90. Longer than your APIs keep the keys; most keep them for less than a day.',
  announceBad: 'Enter whole days, from 0 to 90.',
  next: (when: string, ago: string) => `The next rotation is due ${when} (${ago}).`,
  byHand: 'Keys are rotated by hand only.',
  leak: 'A key has leaked? Revoke it: it is refused at once, and the next one signs. Under Revocations you can also refuse the tokens that a key has signed until now, and keep the key.',
  toRevocations: 'Revocations',
};

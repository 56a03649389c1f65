// What rules, hooks and actions did on the way to an event.
export const executed = {
  title: 'What your code did',
  ran: (ms: number) => `ran for ${ms} ms`,
  failed: (name: string, message: string) => `failed: ${name}: ${message}`,
  silent: 'wrote nothing to the console',
  console: (name: string) => `Console of ${name}`,
  stack: 'Where it failed',
  forgotten: 'The times of this run are no longer remembered.',
};

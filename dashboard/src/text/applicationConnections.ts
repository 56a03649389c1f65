// Which connections an application lets people in by.
export const applicationConnections = {
  lead: 'Whose people this application lets in. It counts at once.',
  filter: 'Filter connections',
  strategies: { auth0: 'Database' } as Record<string, string>,
  domain: 'for every application',
  notServed: 'stored only: nobody can log in by it yet',
  on: 'On',
  off: 'Off',
  machine: 'People do not sign in with this application: none of its grants is for people, so nothing here counts.',
  toGrants: 'Grant types',
  nobody: 'With no connection on, nobody can log in to this application.',
  emptyTitle: 'No connections yet',
  empty: 'A connection is where people are kept. Make a database connection to let them log in with a password.',
  toConnections: 'Database connections',
};

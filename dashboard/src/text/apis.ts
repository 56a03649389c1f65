export const apis = {
  title: 'APIs',
  tabs: {
    quickstart: 'Quick Start',
    settings: 'Settings',
    permissions: 'Permissions',
    applications: 'Machine to Machine Applications',
    test: 'Test',
    usage: 'Usage',
    history: 'History',
  },
};

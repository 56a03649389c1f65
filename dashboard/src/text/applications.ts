export const applications = {
  title: 'Applications',
  tabs: {
    quickstart: 'Quick Start',
    settings: 'Settings',
    credentials: 'Credentials',
    apis: 'APIs',
    usage: 'Usage',
    logs: 'Logs',
    history: 'History',
  },
};

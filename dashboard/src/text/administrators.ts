export const administrators = {
  title: 'Administrators',
};

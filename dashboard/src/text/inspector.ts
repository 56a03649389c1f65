export const inspector = {
  title: 'Token inspector',
};

export const tenant = {
  title: 'Tenant',
  tabs: { general: 'General', 'signing-keys': 'Signing keys', advanced: 'Advanced' },
  tenants: 'Tenants',
};

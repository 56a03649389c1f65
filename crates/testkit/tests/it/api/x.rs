//! `/api/x`: what only we offer.

mod tenants;

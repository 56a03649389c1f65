//! `/api`

mod v2;

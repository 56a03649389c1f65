//! `/api`

pub mod v2;

//! `/api`

pub mod v2;
pub mod x;

//! `/api`

mod possession;
pub mod v2;
pub mod x;

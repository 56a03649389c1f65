//! Several tenants in one server: which one a host means, and that none sees another.

mod foreign_ids;
mod hosts;
mod paths;

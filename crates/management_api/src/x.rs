//! `/api/x`: what Auth0 has no operation for and people who administer need. The manners are the Management
//! API's: the same door, scopes, errors and record.

mod administrators;
mod me;
mod period;
mod stats;
mod tenants;

use crate::Operation;

pub fn operations() -> Vec<Operation> {
    [administrators::operations(), me::operations(), stats::operations(), tenants::operations()].concat()
}

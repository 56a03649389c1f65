//! Customers' code: a script and an event in, a list of calls out. It runs in processes of its own, which hold no key,
//! no file and no connection; what it asks for is only written down, and whoever called decides what becomes of it.
//! Knows JavaScript and no identity.

mod failure;
mod message;
mod pool;
mod process;
mod script;
pub mod worker;

pub use failure::{Failure, Thrown};
pub use message::{Call, Kept, Stats};
pub use pool::{Config, Input, Program, Run, Sandbox};
pub use script::{Entry, MODULES, Script};

//! Tenants on a scratch store, served in process: no port, no wall clock, nothing shared between tests. The
//! integration suite in `tests/it` is written with it, laid out like the URLs. Never part of the product.

mod administrator;
mod answer;
mod asker;
mod browser;
mod builders;
mod caller;
mod machine;
mod person;
mod prover;
mod server;

pub use administrator::BUILT_IN;
pub use answer::{Answer, claims, header};
pub use asker::Asker;
pub use browser::{Browser, form};
pub use builders::TestClient;
pub use caller::Caller;
pub use machine::Machine;
pub use person::{CALLBACK, PASSWORD, VERIFIER, challenge};
pub use prover::Prover;
pub use server::{BASE_DOMAIN, OTHER, PROXY, STARTED, TestServer, TestTenant};

//! The binary as people and programs meet it: started, stopped, called from the command line and over the network,
//! each test on a data folder and ports of its own. What the API answers in detail is tested elsewhere.

#![expect(clippy::unwrap_used, reason = "a test that fails is to stop where it fails")]

mod acme;
mod administrators;
mod backup;
mod commands;
mod deploy;
mod dev;
mod dev_control;
mod doctor;
mod inspect;
mod key_service;
mod lifecycle;
mod master_key;
mod refusals;
mod sealed_log;
mod seed;
mod server;
mod tenants;
mod traces;
mod watching;

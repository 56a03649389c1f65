//! The server around its doors: reads the configuration, introduces the parts to each other, and holds the
//! command line. What the doors answer is decided below.

pub mod acme;
mod background;
mod backup;
pub mod cli;
mod config;
mod dev;
mod doctor;
pub mod front;
pub mod health;
mod log_work;
mod master_key;
mod metrics;
mod network_acl;
mod run_file;
mod seed;
mod serve;
mod traces;

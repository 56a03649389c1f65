//! Walks that cross several endpoints, as people and applications take them.

mod administration;
mod login;

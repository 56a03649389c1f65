//! `/oauth`

mod token;

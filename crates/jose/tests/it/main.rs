//! The library from outside: published vectors, another library as judge, and tokens that mean harm.

mod certificate;
mod dpop;
mod hostile;
mod jwe;
mod key_set;
mod keys;
mod oracle;
mod published;
mod wrap;

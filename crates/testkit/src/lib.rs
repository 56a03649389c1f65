//! A tenant on a scratch store, and the integration suite.

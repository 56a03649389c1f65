//! The path below which a tenant's doors stand, where its host is another's.

/// What was taken off a path before a door saw it: empty, or `/tenants/{name}`. Links, redirects, form actions and
/// cookies put it back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathPrefix(pub String);

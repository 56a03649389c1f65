//! What the front took off a request's path. It tells doors what to put before theirs, and decides nothing.

/// The path below which the doors were called, such as `/tenants/administrators`; empty where they stand at the root.
/// Links, redirects and cookies begin with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathPrefix(pub String);

impl PathPrefix {
    /// A path as the browser sees it.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

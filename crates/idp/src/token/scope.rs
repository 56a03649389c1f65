//! Scope arithmetic: what of a grant an API still defines, and what of that was asked for.

use crate::{Code, Result, snapshot::Api};

/// The scopes of a token: all that the grant and the API share, or just those asked for.
pub fn granted(api: &Api, granted: &[String], all: bool, requested: Option<&str>) -> Result<String> {
    let defined = |scope: &str| api.scopes.contains(scope);
    let allowed: Vec<&str> = match all {
        true => api.view.scopes.iter().flatten().map(|scope| scope.value.as_str()).collect(),
        false => granted.iter().map(String::as_str).filter(|scope| defined(scope)).collect(),
    };
    let requested: Vec<&str> =
        requested.unwrap_or_default().split(' ').filter(|scope| !scope.is_empty()).collect();
    if requested.is_empty() {
        return Ok(allowed.join(" "));
    }
    let refused: Vec<&str> = requested.iter().copied().filter(|scope| !allowed.contains(scope)).collect();
    if !refused.is_empty() {
        return Code::AccessDenied
            .refuse(format!("Client has not been granted scopes: {}", refused.join(" ")));
    }
    Ok(allowed.into_iter().filter(|scope| requested.contains(scope)).collect::<Vec<_>>().join(" "))
}

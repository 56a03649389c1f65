//! `/oauth`

mod authorize;
mod revoke;
mod token;

use model::User;
use serde_json::json;
use testkit::TestTenant;

/// Keeps somebody from logging in.
async fn block(tenant: &TestTenant, user_id: &str) {
    use schema::Resource;
    let document = tenant.read(&User::NOUN, user_id).await.unwrap().unwrap();
    let mut body = document.body.clone();
    body.insert("blocked".into(), json!(true));
    tenant.commit(vec![idp::Change::replace::<User>(&document, body)]).await.unwrap();
}

async fn delete(tenant: &TestTenant, user_id: &str) {
    tenant.commit(vec![idp::Change::delete::<User>(user_id)]).await.unwrap();
}

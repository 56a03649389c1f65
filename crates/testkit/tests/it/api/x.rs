//! `/api/x`, what only we offer

mod administrators;
mod audit;
mod blocks;
mod branding;
mod client_secrets;
mod emails;
mod explain_token;
mod federated_credentials;
mod history;
mod inspect_token;
mod keys;
mod log_stats;
mod log_stream;
mod nodes;
mod password_email;
mod restore;
mod revocations;
mod rules;
mod search;
mod stats;
mod tenants;
mod test_token;
mod token_reuse;
mod try_script;

use management_api::Interface;
use serde_json::json;
use testkit::{Answer, TestTenant};

/// The same door: no operation is forgotten, and none believes another tenant's token.
#[tokio::test]
async fn every_operation_with_the_others_token() {
    let tenant = TestTenant::new().await;
    let stranger = tenant.with_token(tenant.other().owner_token());
    let operations = management_api::operations().into_iter();
    for operation in operations.filter(|operation| operation.interface == Interface::Ours) {
        let path = operation.address().replace(['{', '}'], "");
        let answer = stranger.json(operation.method, &path, json!({})).await;
        assert_eq!((answer.status, &answer["message"]), (401, &json!("Invalid token")), "{path}");
    }
}

#[test]
fn the_documentation_names_every_operation_and_reason() {
    let page = include_str!("../../../../../docs/api-x.md");
    let operations = management_api::operations().into_iter();
    for operation in operations.filter(|operation| operation.interface == Interface::Ours) {
        let named = format!("`{} {}", operation.method, operation.address());
        assert!(page.contains(&format!("{named}`")) || page.contains(&format!("{named}?")), "{named}");
    }
    for (reason, _) in idp::token::REASONS {
        assert!(page.contains(&format!("`{reason}`")), "{reason}");
    }
}

#[tokio::test]
async fn nothing_is_found_where_nothing_is() {
    let tenant = TestTenant::new().await;
    for path in
        ["/api/x/nothing", "/api/x/clients", "/api/x/stats", "/api/x/history/clients", "/api/x/test-token"]
    {
        let answer = tenant.get(path).await;
        assert_eq!((answer.status, &answer["error"]), (404, &json!("Not Found")), "{path}");
    }
}

/// The operation refuses these queries, in the Management API's words.
async fn refuses_queries(tenant: &TestTenant, path: &str, queries: &[&str]) {
    for query in queries {
        let answer = tenant.get(&format!("{path}?{query}")).await;
        let about = format!("{path}?{query}: {}", answer.start());
        assert_eq!((answer.status, code(&answer)), (400, "invalid_query_string"), "{about}");
    }
}

fn code(answer: &Answer) -> &str {
    answer["errorCode"].as_str().unwrap_or_default()
}

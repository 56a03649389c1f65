//! `/api/x`, what only we offer

mod history;
mod inspect_token;
mod log_stats;
mod log_stream;
mod restore;
mod search;
mod stats;
mod tenants;
mod test_token;

use testkit::{Answer, TestTenant};

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

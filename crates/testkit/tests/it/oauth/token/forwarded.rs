//! Trust Token Endpoint IP Header: `auth0-forwarded-for` counts from a client that has the setting and proved itself, and
//! from nobody else.

use serde_json::{Value, json};
use testkit::{Asker, PROXY, TestClient, TestTenant};

const API: &str = "https://api.example";
const SAID: &str = "198.51.100.200";
const CALLER: &str = "203.0.113.99";

/// The addresses of the newest event: of whom it is told, and of who connected.
async fn logged(tenant: &TestTenant) -> (String, Option<String>) {
    tenant.flush_logs().await;
    let events = tenant.get("/api/v2/logs?sort=date:-1&per_page=1&q=type:seccft%20OR%20type:feccft").await;
    let event = &events.must_be(200).items()[0].clone();
    (event["ip"].as_str().unwrap().to_owned(), event["client_ip"].as_str().map(str::to_owned))
}

async fn scene(is_trusted: bool) -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    let path = format!("/api/v2/clients/{}", client.id);
    tenant.patch(&path, json!({ "is_token_endpoint_ip_header_trusted": is_trusted })).await.must_be(200);
    (tenant, client)
}

/// Each combination of the setting, the proof, the proxy and what is said of the address.
#[tokio::test]
async fn it_counts_in_one_combination_only() {
    for is_trusted in [false, true] {
        let (tenant, client) = scene(is_trusted).await;
        for proves in [false, true] {
            for through_proxy in [false, true] {
                for forwarded in [None, Some("10.9.9.9")] {
                    for said in [None, Some(SAID)] {
                        let chain = forwarded.map(|forged| format!("{forged}, {CALLER}"));
                        let mut headers: Vec<(&str, &str)> = Vec::new();
                        headers.extend(chain.as_deref().map(|chain| ("x-forwarded-for", chain)));
                        headers.extend(said.map(|said| ("auth0-forwarded-for", said)));
                        let peer = if through_proxy { PROXY } else { CALLER };
                        let secret = if proves { client.secret.as_str() } else { "a guess" };
                        let body = client.asks_with(API, json!({ "client_secret": secret }));
                        let answer = Asker::at(peer).saying(&headers).asks(&tenant, body).await;
                        answer.must_be(if proves { 200 } else { 401 });
                        // The proxy is itself, where it says nothing of somebody behind it.
                        let real = if through_proxy && forwarded.is_none() { PROXY } else { CALLER };
                        let expected = match (is_trusted, proves, said) {
                            (true, true, Some(said)) => (said.to_owned(), Some(real.to_owned())),
                            _ => (real.to_owned(), None),
                        };
                        let about = format!("{is_trusted} {proves} {through_proxy} {forwarded:?} {said:?}");
                        assert_eq!(logged(&tenant).await, expected, "{about}");
                        // Keeps the guesses of one case from closing out the next.
                        tenant.later(3_700_000);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_one_address_is_not_believed() {
    let (tenant, client) = scene(true).await;
    let asks = async |said: &[(&str, &str)]| {
        Asker::at(CALLER).saying(said).asks(&tenant, client.asks_for(API)).await.must_be(200);
        logged(&tenant).await
    };
    for said in
        ["", "x", "198.51.100.200, 10.0.0.1", "198.51.100.200:443", "10.0.0.0/8", "::g", "for=1.1.1.1"]
    {
        assert_eq!(asks(&[("auth0-forwarded-for", said)]).await, (CALLER.to_owned(), None), "{said}");
    }
    let twice = [("auth0-forwarded-for", SAID), ("auth0-forwarded-for", SAID)];
    assert_eq!(asks(&twice).await, (CALLER.to_owned(), None));
    for (said, read) in
        [(" 198.51.100.200 ", SAID), ("::ffff:198.51.100.200", SAID), ("2001:DB8::1", "2001:db8::1")]
    {
        let believed = (read.to_owned(), Some(CALLER.to_owned()));
        assert_eq!(asks(&[("auth0-forwarded-for", said)]).await, believed, "{said}");
    }
}

#[tokio::test]
async fn a_guess_is_held_against_who_connects_and_a_public_client_is_never_believed() {
    let (tenant, client) = scene(true).await;
    let guess: Value = client.asks_with(API, json!({ "client_secret": "a guess" }));
    for n in 0..10 {
        let said = format!("10.0.{n}.1");
        let headers = [("auth0-forwarded-for", said.as_str())];
        Asker::at(CALLER).saying(&headers).asks(&tenant, guess.clone()).await.must_be(401);
    }
    let said = [("auth0-forwarded-for", SAID)];
    Asker::at(CALLER).saying(&said).asks(&tenant, guess).await.must_be(429);
    // From whom it was said nothing is known.
    Asker::at("10.0.1.1").asks(&tenant, client.asks_for(API)).await.must_be(200);
    let spa = tenant.spa(json!({ "is_token_endpoint_ip_header_trusted": true })).await;
    let code = json!({ "grant_type": "refresh_token", "client_id": spa.id, "refresh_token": "nothing" });
    Asker::at("203.0.113.1").saying(&said).asks(&tenant, code).await.must_be(403);
    tenant.flush_logs().await;
    let events = tenant.get("/api/v2/logs?q=type:fertft").await.must_be(200);
    assert_eq!(events.items()[0]["ip"], json!("203.0.113.1"));
}

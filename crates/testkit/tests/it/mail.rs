//! Mails: who delivers them, in whose words, what becomes of those that cannot be delivered; and the links in them.

mod links;
mod provider;
mod sending;
mod templates;

use std::net::IpAddr;

use idp::Occasion;
use schema::Object;
use serde_json::Value;
use testkit::TestTenant;

/// What lies in the mailbox, the newest first, once so many are there.
pub async fn mails(tenant: &TestTenant, count: usize) -> Vec<Value> {
    // What is sent for a stranger's request is written beside it.
    for _ in 0..6_000 {
        let mails = tenant.get("/api/x/mailbox").await.must_be(200)["mails"].as_array().unwrap().clone();
        if mails.len() >= count {
            assert_eq!(mails.len(), count);
            return mails;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("there are not {count} mails");
}

/// The code of a link.
pub fn code(link: &Value) -> String {
    let link = link.as_str().unwrap();
    let code = link.split_once("ticket=").unwrap().1;
    code.strip_suffix('#').unwrap().to_owned()
}

/// Somebody who calls from nowhere in particular.
pub fn occasion(tenant: &TestTenant) -> Occasion {
    Occasion {
        client: None,
        ip: IpAddr::from([203, 0, 113, 7]),
        user_agent: None,
        host: tenant.domain().to_owned(),
        body: Object::new(),
        query: Object::new(),
    }
}

//! The way of a mail: into the mailbox, or to a mail server that takes it, refuses it, or is not there.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use idp::{
    Carrier,
    message::{self, Message},
    outbox, verification,
};
use model::EmailTemplateName;
use outbound::{Outbound, Settings};
use serde_json::json;
use testkit::TestTenant;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use super::mails;

/// A mail server in process: it remembers what it was given, or refuses it.
struct Sink {
    port: u16,
    given: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    /// One that answers to who a mail is for in this way.
    async fn answering(rcpt: &'static str) -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let given = Arc::new(Mutex::new(Vec::new()));
        let kept = given.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = kept.clone();
                tokio::spawn(async move {
                    let (read, mut write) = stream.into_split();
                    let mut lines = BufReader::new(read).lines();
                    write.write_all(b"220 sink\r\n").await.unwrap();
                    let (mut mail, mut is_data) = (String::new(), false);
                    while let Ok(Some(line)) = lines.next_line().await {
                        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                            "." if is_data => {
                                is_data = false;
                                kept.lock().unwrap().push(std::mem::take(&mut mail));
                                "250 taken\r\n"
                            }
                            _ if is_data => {
                                mail.push_str(&line);
                                mail.push('\n');
                                continue;
                            }
                            "EHLO" => "250-sink\r\n250 AUTH PLAIN LOGIN\r\n",
                            "AUTH" => "235 come in\r\n",
                            "RCPT" => rcpt,
                            "DATA" => {
                                is_data = true;
                                "354 go on\r\n"
                            }
                            "QUIT" => "221 bye\r\n",
                            _ => "250 well\r\n",
                        };
                        write.write_all(answer.as_bytes()).await.unwrap();
                    }
                });
            }
        });
        Sink { port, given }
    }

    fn given(&self) -> Vec<String> {
        self.given.lock().unwrap().clone()
    }
}

async fn delivers_to(tenant: &TestTenant, port: u16) {
    let body = json!({
        "name": "smtp", "default_from_address": "Shop <shop@example.com>",
        "credentials": { "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_user": "ann", "smtp_pass": "secret" },
        "settings": { "headers": { "X-Kind": "test" } },
    });
    tenant.post("/api/v2/emails/provider", body).await.must_be(201);
}

fn reaching_this_machine(tenant: &TestTenant) -> idp::Tenants {
    let allow = vec![outbound::network("127.0.0.0/8").unwrap()];
    tenant.server().tenants().clone().reaching(Outbound::new(Settings {
        allow,
        total: Duration::from_secs(60),
        ..Settings::default()
    }))
}

#[tokio::test]
async fn without_a_provider_mails_are_kept_to_be_looked_at() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    let client = tenant.client(json!({ "name": "Shop & Co", "callbacks": ["https://app.example/x"] })).await;
    let template = json!({
        "template": "verify_email", "from": "{{ application.name }} <x@example.com>", "subject": "Hi\n{{ user.name }} {{ nope }}",
        "body": "{{ user.email }} {{ application.clientID }} {{ tenant }} {{ friendly_name }} {{ application.callback_domain }} <a href=\"{{ url }}\">go</a>",
        "resultUrl": "{{ application.callback_domain }}/done", "enabled": true, "syntax": "liquid",
    });
    tenant.post("/api/v2/email-templates", template).await.must_be(200);
    idp::user::change(&tenant, &ann.user_id, |body| {
        body.insert("email_verified".into(), json!(false));
        Ok(())
    })
    .await
    .unwrap();
    let ann = idp::user::by_id(&tenant, &ann.user_id).await.unwrap().unwrap();
    let registered = tenant.snapshot().client(&client.id).cloned();
    verification::send(&tenant, &ann, registered.as_deref()).await.unwrap();
    let mail = mails(&tenant, 1).await.remove(0);
    assert_eq!(mail["subject"], json!("Hi Ann Example"));
    let html = mail["html"].as_str().unwrap();
    assert!(html.starts_with(&format!("ann@example.com {} default", client.id)), "{html}");
    assert!(html.contains("https://app.example <a href="), "{html}");
    assert!(mail["text"].as_str().unwrap().contains(mail["link"].as_str().unwrap()));
    let confirmed =
        verification::confirm(&tenant, &super::code(&mail["link"]), &super::occasion(&tenant)).await;
    let result = confirmed.unwrap().unwrap().result_url.unwrap();
    assert!(result.starts_with("https://app.example/done?success=true&message="), "{result}");

    // It is sealed at rest, and nobody else's.
    let stored = tenant.store().outbox().list(tenant.name(), 9).await.unwrap();
    assert!(!stored[0].body.contains("ann@example.com"));
    assert_eq!(tenant.other().get("/api/x/mailbox").await.must_be(200)["mails"], json!([]));
    tenant.allowed(&["read:users"]).get("/api/x/mailbox").await.must_be(403);
    let one = format!("/api/x/mailbox/{}", mail["id"].as_str().unwrap());
    tenant.other().delete(&one).await.must_be(404);
    tenant.delete(&one).await.must_be(204);
    tenant.delete(&one).await.must_be(404);
    tenant.delete("/api/x/mailbox").await.must_be(204);
    tenant.delete("/api/x/mailbox/%00").await.must_be(404);
    tenant.get("/api/x/mailbox?other=1").await.must_be(400);
}

#[tokio::test]
async fn a_template_that_fails_or_is_off_does_what_is_said() {
    let tenant = TestTenant::new().await;
    let send = async |name| {
        message::send(&tenant, Message::new(name, "ann@example.com").with("url", "https://x.example/"))
            .await
            .unwrap()
    };
    // A greeting is sent by those who ask for it.
    send(EmailTemplateName::WelcomeEmail).await;
    let off = json!({ "template": "blocked_account", "enabled": false });
    tenant.post("/api/v2/email-templates", off).await.must_be(200);
    send(EmailTemplateName::BlockedAccount).await;
    mails(&tenant, 0).await;
    let fails = json!({ "template": "reset_email", "subject": "x", "body": "{% for i in (1..100000) %}{% endfor %}" });
    tenant.post("/api/v2/email-templates", fails).await.must_be(200);
    send(EmailTemplateName::ResetEmail).await;
    let mail = mails(&tenant, 1).await.remove(0);
    assert!(mail["html"].as_str().unwrap().contains("https://x.example/"));
    tenant.flush_logs().await;
    let log = tenant.get("/api/v2/logs?q=type:fn").await.must_be(200);
    assert_eq!(log.items().len(), 1);
}

#[tokio::test]
async fn a_mail_server_is_given_each_mail_once() {
    let tenant = TestTenant::new().await;
    let sink = Sink::answering("250 well\r\n").await;
    delivers_to(&tenant, sink.port).await;
    let message =
        Message::new(EmailTemplateName::ResetEmail, "ann@example.com").with("url", "https://idp.example/u/x");
    message::send(&tenant, message).await.unwrap();
    assert_eq!(mails(&tenant, 1).await[0]["state"], json!("waiting"));
    let tenants = reaching_this_machine(&tenant);
    let other_node = tenant.server().another_node().await;
    let there = other_node.tenants().clone().reaching(Outbound::new(Settings {
        allow: vec![outbound::network("127.0.0.0/8").unwrap()],
        ..Settings::default()
    }));
    let (here, there) = tokio::join!(outbox::deliver_due(&tenants), outbox::deliver_due(&there));
    assert_eq!(here.unwrap() + there.unwrap(), 1);
    assert_eq!(outbox::deliver_due(&tenants).await.unwrap(), 0);
    let given = sink.given();
    assert_eq!(given.len(), 1);
    for part in [
        "To: ann@example.com",
        "From: Shop <shop@example.com>",
        "X-Kind: test",
        "Subject: ",
        "text/html",
        "text/plain",
    ] {
        assert!(given[0].contains(part), "{part}: {}", given[0]);
    }
    mails(&tenant, 0).await;
}

#[tokio::test]
async fn a_mail_server_that_dawdles_holds_up_its_own_tenant_alone() {
    let tenant = TestTenant::new().await;
    let other = tenant.other();
    // It takes whoever calls, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    delivers_to(&tenant, silent.local_addr().unwrap().port()).await;
    let sink = Sink::answering("250 well\r\n").await;
    delivers_to(&other, sink.port).await;
    let send = async |tenant: &TestTenant| {
        message::send(tenant, Message::new(EmailTemplateName::ResetEmail, "ann@example.com")).await.unwrap()
    };
    for _ in 0..20 {
        send(&tenant).await;
    }
    for _ in 0..9 {
        send(&other).await;
    }
    let tenants = reaching_this_machine(&tenant);
    let mut courier = outbox::Courier::default();
    let mut taken = courier.look(&tenants).await.unwrap();
    assert_eq!(taken, 8);
    let all = async {
        while sink.given().len() < 9 {
            courier.in_hand().next().await;
            taken += courier.look(&tenants).await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(15), all).await.expect("others are served meanwhile");
    // Of its own tenant's mails no others are in hand meanwhile.
    assert_eq!(taken, 4 + 9);
    assert_eq!(courier.look(&tenants).await.unwrap(), 0);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again_and_one_that_refuses_is_not() {
    let tenant = TestTenant::new().await;
    let tenants = reaching_this_machine(&tenant);
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    delivers_to(&tenant, closed).await;
    let send = async || {
        message::send(&tenant, Message::new(EmailTemplateName::ResetEmail, "ann@example.com")).await.unwrap()
    };
    send().await;
    assert_eq!(outbox::deliver_due(&tenants).await.unwrap(), 1);
    assert_eq!(outbox::deliver_due(&tenants).await.unwrap(), 0);
    let mail = mails(&tenant, 1).await.remove(0);
    assert_eq!((&mail["state"], &mail["attempts"]), (&json!("waiting"), &json!(1)));
    assert!(mail["problem"].as_str().unwrap().contains("cannot be reached"), "{mail}");
    // Once the server is there, the mail is.
    let sink = Sink::answering("250 well\r\n").await;
    let there = json!({ "credentials": { "smtp_host": "127.0.0.1", "smtp_port": sink.port } });
    tenant.patch("/api/v2/emails/provider", there).await.must_be(200);
    tenant.later(31_000);
    assert_eq!(outbox::deliver_due(&tenants).await.unwrap(), 1);
    assert_eq!(sink.given().len(), 1);

    let refusing = Sink::answering("550 nobody of that name\r\n").await;
    let there = json!({ "credentials": { "smtp_host": "127.0.0.1", "smtp_port": refusing.port } });
    tenant.patch("/api/v2/emails/provider", there).await.must_be(200);
    send().await;
    outbox::deliver_due(&tenants).await.unwrap();
    let mail = mails(&tenant, 1).await.remove(0);
    assert_eq!(mail["state"], json!("failed"));
    tenant.flush_logs().await;
    let log = tenant.get("/api/v2/logs?q=type:fn").await.must_be(200);
    assert_eq!(log.items()[0]["details"]["to"], json!("ann@example.com"));
}

#[tokio::test]
async fn a_mail_server_inside_is_not_reached_unless_the_operator_lets_it_be() {
    let tenant = TestTenant::new().await;
    let sink = Sink::answering("250 well\r\n").await;
    delivers_to(&tenant, sink.port).await;
    message::send(&tenant, Message::new(EmailTemplateName::ResetEmail, "ann@example.com")).await.unwrap();
    outbox::deliver_due(tenant.server().tenants()).await.unwrap();
    assert!(sink.given().is_empty());
    assert!(mails(&tenant, 1).await[0]["problem"].as_str().unwrap().contains("not public"));
}

#[tokio::test]
async fn a_service_that_is_not_spoken_to_gives_a_mail_up_with_a_word() {
    let tenant = TestTenant::new().await;
    let ses = json!({ "name": "ses", "credentials": { "accessKeyId": "a", "secretAccessKey": "b", "region": "us-east-1" } });
    tenant.post("/api/v2/emails/provider", ses).await.must_be(201);
    message::send(&tenant, Message::new(EmailTemplateName::ResetEmail, "ann@example.com")).await.unwrap();
    outbox::deliver_due(tenant.server().tenants()).await.unwrap();
    let mail = mails(&tenant, 1).await.remove(0);
    assert_eq!(mail["state"], json!("failed"));
    assert!(mail["problem"].as_str().unwrap().contains("ses"));
}

#[tokio::test]
async fn a_mail_server_is_greeted_without_a_mail() {
    let tenant = TestTenant::new().await;
    let allow = vec![outbound::network("127.0.0.0/8").unwrap()];
    let reaching = Outbound::new(Settings { allow, ..Settings::default() });
    assert!(outbox::greet(&tenant, &reaching).await.unwrap().is_none());
    let sink = Sink::answering("250 well\r\n").await;
    delivers_to(&tenant, sink.port).await;
    let (server, greeted) = outbox::greet(&tenant, &reaching).await.unwrap().unwrap();
    assert_eq!(server, format!("127.0.0.1:{}", sink.port));
    greeted.unwrap();
    assert!(sink.given().is_empty());
    // Where this machine may not be reached on behalf of a tenant, it is not.
    let (_, refused) = outbox::greet(&tenant, &Outbound::default()).await.unwrap().unwrap();
    assert!(matches!(refused, Err(outbound::Error::NotPublic)), "{refused:?}");
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    tenant
        .patch(
            "/api/v2/emails/provider",
            json!({ "credentials": { "smtp_host": "127.0.0.1", "smtp_port": nobody } }),
        )
        .await
        .must_be(200);
    let (_, refused) = outbox::greet(&tenant, &reaching).await.unwrap().unwrap();
    assert!(refused.is_err());
}

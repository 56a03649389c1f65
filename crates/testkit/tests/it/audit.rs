//! A log that was tampered with: what was taken out, changed, moved or put in is named.

use idp::{
    Change,
    audit::{self, Doubt, Finding, Report, Sealer},
};
use model::LogSealKey;
use schema::Object;
use store::{
    Location, LogRow,
    db::{Db, Statement, Value},
};
use testkit::{TestServer, TestTenant};

use crate::log_streams::cause;

/// A tenant whose log is sealed, some hundred events of it, and their identifiers in the order of the log.
async fn scene() -> (TestTenant, Vec<String>) {
    let tenant = TestTenant::new().await;
    let mut sealer = Sealer::default();
    for round in 0..5 {
        cause(&tenant, &format!("r{round}-"), 6).await;
        tenant.flush_logs().await;
        tenant.later(61_000);
        sealer.pass(tenant.server().tenants()).await.unwrap();
    }
    let events = tenant.store().logs().after("default", None, 1000).await.unwrap();
    (tenant, events.into_iter().map(|row| row.log_id).collect())
}

/// Somebody who writes into the database past the server.
struct Intruder(Db);

impl Intruder {
    async fn of(server: &TestServer) -> Intruder {
        Intruder(match server.location() {
            Location::Sqlite { dir } => Db::sqlite_logs(dir.join("logs.db")).await.unwrap(),
            Location::Postgres { url } => Db::postgres(url).await.unwrap(),
        })
    }

    async fn does(&self, sql: &str, arguments: &[&str]) {
        let arguments: Vec<Value> = arguments.iter().map(|text| (*text).into()).collect();
        self.0.commit(vec![Statement::new(sql.to_owned(), arguments).expecting(1)].into()).await.unwrap();
    }

    async fn text(&self, sql: &str) -> String {
        self.0.rows(sql.to_owned(), Vec::new()).await.unwrap()[0].text(0).unwrap()
    }
}

async fn verified(tenant: &TestTenant) -> Report {
    audit::verify(tenant, &[], 0).await.unwrap()
}

#[tokio::test]
async fn a_log_that_nobody_touched_is_in_order() {
    let (tenant, events) = scene().await;
    let report = verified(&tenant).await;
    assert_eq!((report.findings.as_slice(), report.sealed, report.unsealed), (&[][..], events.len(), 0));
    assert_eq!((report.first.as_ref(), report.last.as_ref()), (events.first(), events.last()));
    // One at the beginning, and one a minute.
    assert_eq!(report.checkpoints, 5);
    // What was written since is not sealed yet, and that is no fault; a second look finds the same.
    cause(&tenant, "new", 2).await;
    tenant.flush_logs().await;
    let report = verified(&tenant).await;
    assert_eq!((report.findings.len(), report.unsealed), (0, 2));
    assert_eq!(audit::seal(&tenant).await.unwrap(), 2);
    assert_eq!(verified(&tenant).await.sealed, events.len() + 2);
    assert_eq!(audit::seal(&tenant).await.unwrap(), 0);
}

#[tokio::test]
async fn what_was_removed_altered_or_added_is_named() {
    let (tenant, events) = scene().await;
    let intruder = Intruder::of(tenant.server()).await;
    intruder.does("delete from logs where tenant = 'default' and log_id = $1", &[&events[7]]).await;
    let alter = "update logs set description = 'nothing' where tenant = 'default' and log_id = $1";
    intruder.does(alter, &[&events[3]]).await;
    let alter = "update logs set rest = null where tenant = 'default' and log_id = $1";
    intruder.does(alter, &[&events[20]]).await;
    let added = format!("{}x", events[11]);
    let add = "insert into logs (tenant, log_id, date, kind) values ('default', $1, 1, 's')";
    intruder.does(add, &[&added]).await;
    let named = |n: usize| events[n].clone();
    assert_eq!(
        verified(&tenant).await.findings,
        [
            Finding::Altered { log_id: named(3) },
            Finding::Removed { log_id: named(7) },
            Finding::Altered { log_id: named(20) },
            Finding::Added { log_id: added },
        ]
    );
}

#[tokio::test]
async fn what_was_moved_or_taken_out_with_its_seal_is_named() {
    let (tenant, events) = scene().await;
    let intruder = Intruder::of(tenant.server()).await;
    let sealed = intruder.text("select events from log_seals where tenant = 'default' and part = 2").await;
    let lines: Vec<&str> = sealed.split('\n').collect();
    let id = |line: &str| line.split(' ').next().unwrap().to_owned();
    let write = "update log_seals set events = $1 where tenant = 'default' and part = 2";

    // Two change places.
    let mut moved = lines.clone();
    moved.swap(1, 2);
    intruder.does(write, &[&moved.join("\n")]).await;
    let findings = verified(&tenant).await.findings;
    assert!(
        findings.contains(&Finding::Moved { log_id: id(lines[2]), behind: Some(id(lines[0])) }),
        "{findings:?}"
    );
    assert!(findings.iter().all(|finding| matches!(finding, Finding::Moved { .. })), "{findings:?}");

    // One goes with its seal: what followed it tells.
    let mut short = lines.clone();
    short.remove(3);
    intruder.does(write, &[&short.join("\n")]).await;
    intruder.does("delete from logs where tenant = 'default' and log_id = $1", &[&id(lines[3])]).await;
    let findings = verified(&tenant).await.findings;
    assert_eq!(findings, [Finding::Moved { log_id: id(lines[4]), behind: Some(id(lines[2])) }]);
    assert!(events.contains(&id(lines[3])));

    // A seal that was made without the key is none.
    let forged = sealed.replace(lines[0].split(' ').nth(1).unwrap(), "AAAAAAAAAAAAAAAAAAAAAA");
    intruder.does(write, &[&forged]).await;
    let findings = verified(&tenant).await.findings;
    assert!(findings.contains(&Finding::Altered { log_id: id(lines[0]) }), "{findings:?}");
}

#[tokio::test]
async fn seals_that_are_gone_are_missed() {
    let (tenant, _) = scene().await;
    let kept = audit::checkpoint(&tenant).await.unwrap().unwrap();
    let intruder = Intruder::of(tenant.server()).await;
    intruder.does("delete from log_seals where tenant = 'default' and part = 3", &[]).await;
    let findings = verified(&tenant).await.findings;
    assert!(findings.contains(&Finding::MissingParts { from: 3, to: 3 }), "{findings:?}");
    // The end of a log leaves no gap; whoever kept a checkpoint knows.
    let last = intruder.text("select cast(max(part) as text) from log_seals where tenant = 'default'").await;
    let cut = format!("delete from log_seals where tenant = 'default' and part = {last}");
    intruder.does(&cut, &[]).await;
    let report = audit::verify(&tenant, std::slice::from_ref(&kept), 0).await.unwrap();
    let part = Some(last.parse().unwrap());
    let gone = Finding::Checkpoint { part, reason: Doubt::SealsGone };
    assert!(report.findings.contains(&gone), "{:?}", report.findings);
}

#[tokio::test]
async fn a_checkpoint_is_believed_if_the_tenant_signed_it() {
    let (tenant, _) = scene().await;
    let kept = audit::checkpoint(&tenant).await.unwrap().unwrap();
    let report = audit::verify(&tenant, &[format!("{kept}\n")], 0).await.unwrap();
    assert_eq!((report.findings.len(), report.checkpoints), (0, 6));
    let mut forged = kept.clone();
    forged.replace_range(
        kept.len() - 6..kept.len() - 5,
        if kept.as_bytes()[kept.len() - 6] == b'A' { "B" } else { "A" },
    );
    let others = tenant.owner_token();
    for text in [forged.as_str(), &others, "", "x.y.z", "\u{0}"] {
        let report = audit::verify(&tenant, &[text.to_owned()], 0).await.unwrap();
        assert!(matches!(report.findings[..], [Finding::Checkpoint { part: None, .. }]), "{text}");
    }
    // One of another tenant says nothing here.
    audit::seal(&tenant.other()).await.unwrap();
    let others = audit::checkpoint(&tenant.other()).await.unwrap();
    if let Some(others) = others {
        assert_eq!(audit::verify(&tenant, &[others], 0).await.unwrap().findings.len(), 1);
    }
}

#[tokio::test]
async fn what_was_old_enough_to_go_is_not_missed() {
    let (tenant, events) = scene().await;
    let now = tenant.clock().now_ms();
    // Rounds are a minute apart.
    let cut = now - 150_000;
    let pruned = tenant.store().logs().prune(Some("default"), cut).await.unwrap();
    assert!(pruned > 6 && (pruned as usize) < events.len(), "{pruned}");
    let report = audit::verify(&tenant, &[], cut).await.unwrap();
    assert_eq!(report.findings, []);
    // Whoever says that it had to stay is told of it.
    assert!(report.sealed + pruned as usize >= events.len());
}

#[tokio::test]
async fn a_checkpoint_of_what_was_old_enough_to_go_says_nothing_any_more() {
    let (tenant, _) = scene().await;
    let kept = audit::checkpoint(&tenant).await.unwrap().unwrap();
    tenant.later(61_000);
    cause(&tenant, "later", 2).await;
    tenant.flush_logs().await;
    audit::seal(&tenant).await.unwrap();
    let cut = tenant.clock().now_ms() - 30_000;
    tenant.store().logs().prune(Some("default"), cut).await.unwrap();
    let report = audit::verify(&tenant, std::slice::from_ref(&kept), cut).await.unwrap();
    assert_eq!((report.findings.as_slice(), report.expired_checkpoints), (&[][..], 1));
    // Where all had to stay, it is missed.
    let findings = audit::verify(&tenant, &[kept], 0).await.unwrap().findings;
    assert!(matches!(findings[..], [Finding::Checkpoint { reason: Doubt::SealsGone, .. }]), "{findings:?}");
}

#[tokio::test]
async fn what_is_written_while_it_is_verified_was_not_put_in() {
    let (tenant, _) = scene().await;
    let logs = tenant.store().logs().clone();
    let writing = tokio::spawn(async move {
        for n in 0..1000 {
            let log_id = format!("9999{n:052}");
            let row = LogRow { tenant: "default".into(), log_id, kind: "s".into(), ..LogRow::default() };
            logs.append(vec![row]).await.unwrap();
        }
    });
    while !writing.is_finished() {
        assert_eq!(verified(&tenant).await.findings, []);
    }
    writing.await.unwrap();
}

#[tokio::test]
async fn events_of_clocks_that_are_wrong_and_events_that_come_late_are_no_forgeries() {
    let (tenant, events) = scene().await;
    let append = async |log_id: String| {
        let row = LogRow { tenant: "default".into(), log_id, kind: "s".into(), ..LogRow::default() };
        tenant.store().logs().append(vec![row]).await.unwrap();
    };
    let ahead = format!("99{:054}", 1);
    append(ahead.clone()).await;
    audit::seal(&tenant).await.unwrap();
    for (round, event) in events.iter().enumerate().take(6) {
        // What another node had kept for itself until now.
        append(format!("{event}late{round}")).await;
        cause(&tenant, &format!("after{round}-"), 2).await;
        tenant.flush_logs().await;
        audit::seal(&tenant).await.unwrap();
    }
    append(format!("{}late", events[9])).await;
    let report = verified(&tenant).await;
    assert_eq!((report.findings.as_slice(), report.unsealed), (&[][..], 1));
    // It has no seal, and stands before those that have.
    let intruder = Intruder::of(tenant.server()).await;
    let added = format!("{}x", events[12]);
    let add = "insert into logs (tenant, log_id, date, kind) values ('default', $1, 1, 's')";
    intruder.does(add, &[&added]).await;
    assert_eq!(verified(&tenant).await.findings, [Finding::Added { log_id: added }]);
}

#[tokio::test]
async fn a_tenant_whose_log_cannot_be_sealed_holds_up_no_other() {
    let tenant = TestTenant::new().await;
    let mut key = Object::new();
    key.insert("id".into(), "1".into());
    key.insert("key".into(), "no key".into());
    tenant.commit(vec![Change::create::<LogSealKey>("1", key)]).await.unwrap();
    let all = tenant.server().tenants();
    let administrators = all.administrators().into_iter().next().unwrap();
    for name in ["default", administrators.name()] {
        let row = LogRow { tenant: name.into(), log_id: "9".into(), kind: "s".into(), ..LogRow::default() };
        tenant.store().logs().append(vec![row]).await.unwrap();
    }
    assert!(audit::seal(&tenant).await.is_err());
    Sealer::default().pass(all).await.unwrap();
    assert_eq!(audit::verify(&administrators, &[], 0).await.unwrap().sealed, 1);
}

#[tokio::test]
async fn seals_outlive_the_keys_that_hide_theirs() {
    let (tenant, events) = scene().await;
    tenant.post("/api/v2/keys/encryption/rekey", serde_json::json!({})).await.must_be(204);
    cause(&tenant, "later", 3).await;
    tenant.flush_logs().await;
    audit::seal(&tenant).await.unwrap();
    let report = verified(&tenant).await;
    assert_eq!(report.findings, []);
    assert!(report.sealed > events.len());
    // Another node seals under the same key, and goes on where this one was.
    let elsewhere = tenant.server().another_node().await;
    cause(&elsewhere.tenant("default"), "there", 2).await;
    elsewhere.tenant("default").flush_logs().await;
    let (here, there) = (tenant.clone(), elsewhere.tenant("default"));
    let (one, other) = tokio::join!(audit::seal(&here), audit::seal(&there));
    one.unwrap();
    other.unwrap();
    assert_eq!(verified(&tenant).await.findings, []);
}

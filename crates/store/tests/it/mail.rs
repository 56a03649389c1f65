//! Mails and jobs: one taker at a time, whichever node asks.

use store::scratch::ScratchStore;
use store::{Error, Job, JobState, Mail, MailState, Piece};

use crate::opened;

on_both! {
    a_mail_has_one_taker_until_its_lease_ends,
    each_tenant_comes_to_its_turn,
    of_mails_that_are_looked_at_the_newest_stay,
    a_job_has_one_runner_and_another_takes_over,
}

fn mail(id: &str, state: MailState, created: i64) -> Mail {
    Mail {
        tenant: "t".into(),
        id: id.into(),
        state,
        body: "sealed".into(),
        created,
        due: created,
        leased: 0,
        attempts: 0,
        problem: None,
    }
}

async fn a_mail_has_one_taker_until_its_lease_ends(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let outbox = store.outbox();
    outbox.insert(mail("a", MailState::Waiting, 10), 9).await.unwrap();
    assert!(outbox.claim((9, 99), 9, 9, &[]).await.unwrap().is_empty());
    let (one, other) = tokio::join!(outbox.claim((10, 20), 9, 9, &[]), outbox.claim((10, 20), 9, 9, &[]));
    let taken = [one.unwrap(), other.unwrap()].concat();
    assert_eq!(taken.iter().map(|mail| (mail.attempts, mail.leased)).collect::<Vec<_>>(), [(1, 20)]);
    assert!(outbox.claim((19, 30), 9, 9, &[]).await.unwrap().is_empty());

    // Whoever had it did not come back; somebody else has it now, and the first one's word counts no more.
    let again = outbox.claim((20, 30), 9, 9, &[]).await.unwrap();
    outbox.sent(&taken[0]).await.unwrap();
    outbox.not_sent(&taken[0], None, "late").await.unwrap();
    assert_eq!(outbox.list("t", 9).await.unwrap()[0].state, MailState::Waiting);
    outbox.not_sent(&again[0], Some(50), "refused").await.unwrap();
    assert!(outbox.claim((49, 60), 9, 9, &[]).await.unwrap().is_empty());
    let last = outbox.claim((50, 60), 9, 9, &[]).await.unwrap();
    assert_eq!((last[0].attempts, last[0].problem.as_deref()), (3, Some("refused")));
    outbox.sent(&last[0]).await.unwrap();
    assert!(outbox.list("t", 9).await.unwrap().is_empty());
}

async fn each_tenant_comes_to_its_turn(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let outbox = store.outbox();
    // One has many, and had them first.
    for (tenant, id, created) in [("many", "a", 1), ("many", "b", 2), ("many", "c", 3), ("few", "d", 8)] {
        let mail = Mail { tenant: tenant.into(), ..mail(id, MailState::Waiting, created) };
        outbox.insert(mail, 9).await.unwrap();
    }
    let claim = async |most: i64, of_each: i64, without: &[&str]| {
        let mut ids: Vec<String> = Vec::new();
        for mail in outbox.claim((10, 20), most, of_each, without).await.unwrap() {
            ids.push(mail.id);
        }
        ids.sort();
        ids
    };
    assert!(claim(9, 9, &["few", "many"]).await.is_empty());
    assert_eq!(claim(2, 2, &[]).await, ["a", "d"]);
    assert!(claim(9, 9, &["many"]).await.is_empty());
    assert_eq!(claim(9, 1, &["few"]).await, ["b"]);
    assert_eq!(claim(9, 9, &["somebody' or 1 = 1 --"]).await, ["c"]);
}

async fn of_mails_that_are_looked_at_the_newest_stay(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    for (id, created) in [("a", 1), ("b", 2), ("c", 3)] {
        store.outbox().insert(mail(id, MailState::Kept, created), 2).await.unwrap();
    }
    store.outbox().insert(mail("w", MailState::Waiting, 4), 2).await.unwrap();
    let ids = |mails: Vec<Mail>| mails.into_iter().map(|mail| mail.id).collect::<Vec<_>>();
    assert_eq!(ids(store.outbox().list("t", 9).await.unwrap()), ["w", "c", "b"]);
    assert!(store.outbox().list("other", 9).await.unwrap().is_empty());
    assert!(!store.outbox().delete("other", "c").await.unwrap());
    assert!(store.outbox().delete("t", "c").await.unwrap());
    store.outbox().clear("t").await.unwrap();
    assert_eq!(ids(store.outbox().list("t", 9).await.unwrap()), ["w"]);
}

fn job(id: &str) -> Job {
    Job {
        tenant: "t".into(),
        id: id.into(),
        kind: "users_import".into(),
        state: JobState::Pending,
        asked: "{}".into(),
        told: "{}".into(),
        created: 1,
        expires: 1000,
        leased: 0,
        attempts: 0,
    }
}

async fn a_job_has_one_runner_and_another_takes_over(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let jobs = store.jobs();
    let input = |number, body: &str| Piece { kind: "input", number, body: body.into() };
    assert!(jobs.insert(job("a"), vec![input(0, "x"), input(1, "y")], 2).await.unwrap());
    assert!(jobs.insert(job("b"), vec![], 2).await.unwrap());
    assert!(!jobs.insert(job("c"), vec![input(0, "z")], 2).await.unwrap());
    assert!(jobs.pieces(("t", "c"), "input", 0, 9).await.unwrap().is_empty());
    // Of many who begin one at once no more go on than may.
    let many = (0..16).map(|n| {
        let (jobs, job) = (jobs.clone(), Job { tenant: "one".into(), ..job(&format!("e{n}")) });
        tokio::spawn(async move { jobs.insert(job, vec![], 2).await.unwrap() })
    });
    let mut begun = 0;
    for one in many.collect::<Vec<_>>() {
        begun += usize::from(one.await.unwrap());
    }
    assert_eq!(begun, 2);

    assert!(jobs.claim(&["log_verification", "x"], 10, 20).await.unwrap().is_none());
    let claim = || jobs.claim(&["users_export", "users_import"], 10, 20);
    let (one, other) = tokio::join!(claim(), claim());
    let taken: Vec<Job> = [one.unwrap(), other.unwrap()].into_iter().flatten().collect();
    assert!(taken.len() < 2 || taken[0].id != taken[1].id);
    let first = taken.into_iter().next().unwrap();
    assert_eq!(first.state, JobState::Processing);
    let again =
        jobs.note(first.clone(), (JobState::Processing, 30), "1".into(), vec![input(1, "Y")]).await.unwrap();
    assert!(matches!(
        jobs.note(first, (JobState::Completed, 0), "2".into(), vec![]).await,
        Err(Error::Conflict)
    ));
    let kept = jobs.pieces(("t", &again.id), "input", 1, 9).await.unwrap();
    assert_eq!(kept, ["Y"]);
    let ended = jobs.note(again, (JobState::Completed, 0), "3".into(), vec![]).await.unwrap();
    assert_eq!(jobs.read("t", &ended.id, 10).await.unwrap().unwrap().told, "3");
    assert!(jobs.read("other", &ended.id, 10).await.unwrap().is_none());
    assert_eq!(jobs.recent("t", "users_import", 10, 9).await.unwrap().len(), 2);
    assert!(jobs.recent("t", "users_export", 10, 9).await.unwrap().is_empty());
    assert!(jobs.insert(job("c"), vec![], 2).await.unwrap());

    store.prune_traffic(1001).await.unwrap();
    assert!(jobs.read("t", &ended.id, 10).await.unwrap().is_none());
    assert!(jobs.pieces(("t", "a"), "input", 0, 9).await.unwrap().is_empty());
}

//! A log that was sealed while a server ran, held against its seals when none does.

use store::db::{Db, Statement};

use crate::server::Place;

/// Writes into the log past the server.
fn tampers(place: &Place, sql: &str, log_id: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = Db::sqlite_logs(place.data().join("logs.db")).await.unwrap();
        let statement = Statement::new(sql.to_owned(), vec![log_id.into()]).expecting(1);
        db.commit(vec![statement].into()).await.unwrap();
        db.close().await;
    });
}

#[test]
fn what_was_tampered_with_is_named_without_a_server() {
    let place = Place::new();
    place.write("countersign.toml", "log_seals = true");
    let server = place.serve(&[]);
    server.billing();
    let said = || server.run(&["logs", "verify"]);
    let mut done = said();
    for _ in 0..100 {
        if done.out.contains("are sealed") && done.out.contains("0 events are not sealed yet") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
        done = said();
    }
    assert!(done.code == Some(0) && done.out.contains("are sealed"), "{done:?}");
    let checkpoint = server.text(&["logs", "checkpoint"]);
    assert_eq!(checkpoint.trim().split('.').count(), 3);
    let events = server.text(&["logs", "tail", "-n", "5", "--json"]);
    let ids: Vec<String> = events
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["log_id"].as_str().unwrap().to_owned()
        })
        .collect();

    let place = server.stop();
    let kept = place.write("kept", &checkpoint);
    let kept = kept.to_str().unwrap().to_owned();
    let verified = || place.run(&["logs", "verify", "--checkpoint", &kept]);
    assert_eq!(verified().code, Some(0), "{:?}", verified());
    tampers(&place, "update logs set ip = '192.0.2.1' where log_id = $1", &ids[0]);
    tampers(&place, "delete from logs where log_id = $1", &ids[1]);
    let done = verified();
    assert_eq!(done.code, Some(1));
    let lines: Vec<&str> = done.out.lines().collect();
    assert_eq!(lines[..2], [format!("altered   {}", ids[0]), format!("removed   {}", ids[1])]);
    assert_eq!(lines.last(), Some(&"2 findings."));
    let none = place.run(&["logs", "verify", "--tenant", "nobody"]);
    assert!(none.code == Some(1) && none.err.contains("there is no tenant"), "{none:?}");
}

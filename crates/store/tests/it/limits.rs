//! What attack protection has counted.

use store::{ProvedRow, scratch::ScratchStore};

use crate::opened;

on_both!(
    whoever_has_proved_itself_is_read_the_last_first_and_not_without_end,
    many_names_that_failed_once_hide_none_that_failed_often,
);

async fn whoever_has_proved_itself_is_read_the_last_first_and_not_without_end(scratch: &ScratchStore) {
    let limits = opened(scratch).await.limits().clone();
    let row = |proved: i64| ProvedRow {
        tenant: "one".into(),
        client_id: "client".into(),
        address: format!("2001:db8::{proved}"),
        proved,
    };
    limits.proved((1..=9).map(row).collect()).await.unwrap();
    assert_eq!(limits.proved_since(3, 2).await.unwrap(), [row(9), row(8)]);
    assert_eq!(limits.proved_since(8, 99).await.unwrap(), [row(9), row(8)]);
}

async fn many_names_that_failed_once_hide_none_that_failed_often(scratch: &ScratchStore) {
    let failed = opened(scratch).await.failed_logins().clone();
    let names: Vec<String> = (0..1_001).map(|n| format!("account {n:04}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    failed.add("one", &names, 1, 0).await.unwrap();
    for _ in 0..3 {
        failed.add("one", &["account zoe"], 1, 0).await.unwrap();
    }
    let between = ("account ", "account ~");
    assert_eq!(failed.between("one", between, 2).await.unwrap(), [("account zoe".to_owned(), 3, 1)]);
    assert_eq!(failed.between("one", between, 0).await.unwrap().len(), 1_000);
}

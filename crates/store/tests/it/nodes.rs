use store::scratch::ScratchStore;
use store::{Engine, NodeRow};

use super::opened;

on_both!(a_node_says_the_latest_of_itself, a_node_takes_the_place_of_its_former_self);

fn row(id: &str, name: &str, seen: i64) -> NodeRow {
    let [id, name] = [id, name].map(str::to_owned);
    let address = "10.0.0.1:8443".to_owned();
    NodeRow {
        id,
        name,
        address,
        version: "1".to_owned(),
        started: 5,
        seen,
        state: "serving".to_owned(),
        behind: 0,
    }
}

async fn a_node_says_the_latest_of_itself(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let nodes = store.nodes();
    let ada = row("a", "ada", 10);
    nodes.note(ada.clone(), 0).await.unwrap();
    nodes.note(row("b", "\u{1f600}'; drop table nodes", 20), 0).await.unwrap();
    let later = NodeRow { seen: 30, state: "stopping".to_owned(), behind: 7, ..ada };
    nodes.note(later.clone(), 10).await.unwrap();
    assert_eq!(nodes.all().await.unwrap()[0], later);
    assert_eq!(nodes.all().await.unwrap().len(), 2);
    // Who was not heard of for long is forgotten by those that are there.
    nodes.note(later.clone(), 21).await.unwrap();
    assert_eq!(nodes.all().await.unwrap(), [later]);
    nodes.forget("a").await.unwrap();
    assert_eq!(nodes.all().await.unwrap(), []);
}

async fn a_node_takes_the_place_of_its_former_self(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let nodes = store.nodes();
    for (id, name) in [("a", "ada"), ("b", "bob")] {
        nodes.note(row(id, name, 10), 0).await.unwrap();
    }
    let again = row("c", "ada", 20);
    nodes.replace(&again).await.unwrap();
    let left: Vec<String> = nodes.all().await.unwrap().into_iter().map(|node| node.id).collect();
    match store.engine() {
        // No two processes share the files.
        Engine::Sqlite => assert!(left.is_empty()),
        Engine::Postgres => assert_eq!(left, ["b"]),
    }
}

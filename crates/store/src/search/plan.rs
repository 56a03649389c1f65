//! How the databases read: a list that is sorted by an indexed field along the index, as far as the page, and what has one
//! of several values by these, whether they have counted their tables or not.

#![expect(clippy::unwrap_used, reason = "a test that fails is to stop where it fails")]

use std::time::{Duration, Instant};

use schema::{Key, Object};

use super::text::Text;
use super::{Order, Page, Search, Source, Term, Terms, Wanted, choices};
use crate::db::Statement;
use crate::documents::Documents;
use crate::scratch::{self, ScratchStore};
use crate::{Store, Write};

const KIND: &str = "users";
const NAMES: [&str; 8] =
    ["name", "email", "nickname", "given_name", "family_name", "blocked", "last_ip", "z"];

async fn what_is_read_is_what_is_needed(scratch: &ScratchStore, explain: Explain) {
    let store = Store::open(&scratch.location).await.unwrap();
    store.tenants().insert("one", &Object::new()).await.unwrap();
    let keys = |n: i64| NAMES.map(|name| Key::search(name, format!("{:04}", n * 7919 % 2_000))).to_vec();
    for part in 0..4 {
        let write = |n| Write::Insert {
            kind: KIND,
            id: format!("{n:04}"),
            body: Object::new(),
            keys: keys(n),
            created: n,
        };
        let writes = (part * 500..part * 500 + 500).map(write).collect();
        store.documents().commit("one", writes).await.unwrap();
    }
    let documents = store.documents();
    let is = |name| Term { name, value: Wanted::Is("0042".to_owned()), is_multiple: false };
    let any = Terms::Any(NAMES[..6].iter().map(|name| Terms::Term(is(name))).collect());
    for is_counted in [false, true] {
        if is_counted {
            documents.db().commit(vec![Statement::new("analyze", vec![])].into()).await.unwrap();
        }
        for descending in [false, true] {
            let page = Page { order: Order { by: Some("name"), descending }, offset: 50, limit: 50 };
            let search = search(documents, &Terms::Everything);
            let mut sql = Text::new(&search);
            let name = sql.argument("name".into());
            let along = sql.along(&name, search.terms, page).unwrap();
            let plan = plan(&search, explain, along, sql).await;
            assert!(plan.contains(ALONG[0]) || plan.contains(ALONG[1]), "{plan}");
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "{plan}");
        }
        let search = search(documents, &any);
        let mut sql = Text::new(&search);
        let source = Source::Terms(choices(&any).remove(0));
        let candidates = sql.candidates(&source, &any).unwrap();
        let plan = plan(&search, explain, candidates, sql).await;
        let read = |how: &str| plan.matches(how).count();
        assert_eq!(
            read("USING PRIMARY KEY (tenant=? AND kind=? AND name=? AND value=?)") + read(ALONG[1]),
            6,
            "{plan}"
        );
        assert_eq!(read("by_document (tenant=? AND kind=?)") + read("Seq Scan"), 0, "{plan}");
    }
}

/// How a database is asked how it would read, and in which column it says so.
type Explain = (&'static str, usize);

/// The index that is walked, in the words of both.
const ALONG: [&str; 2] = ["USING PRIMARY KEY (tenant=? AND kind=? AND name=?)", "document_terms_pkey"];

fn search<'a>(documents: &'a Documents, terms: &'a Terms) -> Search<'a> {
    let deadline = Instant::now() + Duration::from_secs(60);
    Search { documents, tenant: "one", kind: KIND, terms, deadline, total: None }
}

/// How the database would read that.
async fn plan(search: &Search<'_>, (explain, detail): Explain, sql: String, text: Text) -> String {
    let plan = search.rows(format!("{explain} {sql}"), text.arguments).await.unwrap();
    plan.iter().map(|row| row.text(detail).unwrap()).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    what_is_read_is_what_is_needed(&scratch::sqlite(), ("explain query plan", 3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql() {
    match scratch::postgres().await {
        Some(scratch) => what_is_read_is_what_is_needed(&scratch, ("explain", 0)).await,
        None => eprintln!("skipped: TEST_DATABASE is not set"),
    }
}

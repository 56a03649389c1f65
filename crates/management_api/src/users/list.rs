//! Searching people. What was stored a moment ago is found; whoever has an address is told by `/users-by-email` too.

use http::{Method, StatusCode};
use idp::{Document, user};
use model::User;
use schema::Resource;
use serde_json::{Value, json};
use store::{Matching, Order, Term, Terms, Wanted};

use super::shown;
use crate::{
    Answer, Call, Error, Operation,
    call::cut,
    error::Result,
    filter::{self, sorted_by},
    operation::run,
    page::Page,
};

pub fn operations() -> Vec<Operation> {
    let scopes = &["read:users", "read:user_idp_tokens"];
    vec![
        Operation::new(Method::GET, "/users", "List or Search Users", scopes, run!(list)).reading(&[
            "q",
            "search_engine",
            "connection",
            "sort",
            "primary_order",
            "page",
            "per_page",
            "include_totals",
            "from",
            "take",
            "fields",
            "include_fields",
        ]),
        Operation::new(
            Method::GET,
            "/users-by-email",
            "Search Users by Email",
            &["read:users"],
            run!(by_email),
        )
        .reading(&["email", "fields", "include_fields"]),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    if let Some(engine) = call.query("search_engine").filter(|engine| !["v1", "v2", "v3"].contains(engine)) {
        let reason = format!("No enum match for: {}", cut(engine));
        return Err(Error::query(format!("Query validation error: '{reason}' on property search_engine.")));
    }
    call.flag("primary_order")?;
    let (terms, order) = (terms(&call)?, order(&call)?);
    match Page::of(&call)? {
        page @ Page::Checkpoint { .. } if terms == Terms::Everything && order.by.is_none() => {
            let found = call.tenant.page(&User::NOUN, &Matching::all(User::NOUN.path), page.span()).await?;
            let shown = each(&call, &found)?;
            Ok(page.answer(&call, "users", &found, shown, None))
        }
        Page::Checkpoint { .. } => Err(Error::query(
            "Query validation error: 'A checkpoint takes neither q nor connection nor sort' on property from.",
        )),
        Page::Offset { page, per_page, totals } => {
            let start = page * per_page;
            if start + per_page > REACH && start > 0 || per_page == 0 && page > 0 {
                return Err(Error::query(format!("You can only page through the first {REACH} records.")));
            }
            let found = call.tenant.search(&User::NOUN, &terms, order, (start, per_page), totals).await;
            let (found, total) = found.map_err(in_time)?;
            let users = each(&call, &found)?;
            Ok(Answer::ok(match total {
                Some(total) => json!({
                    "start": start, "limit": per_page, "length": users.len(), "users": users, "total": total,
                }),
                None => Value::Array(users),
            }))
        }
    }
}

async fn by_email(call: Call) -> Result<Answer> {
    let Some(email) = call.query("email") else {
        return Err(Error::query("Query validation error: 'Missing required property: email'."));
    };
    let found = user::documents_by_email(&call.tenant, email).await?;
    Ok(Answer::ok(Value::Array(each(&call, &found)?)))
}

fn each(call: &Call, found: &[Document]) -> Result<Vec<Value>> {
    found.iter().map(|document| shown(call, document.body.clone()).map(Value::Object)).collect()
}

fn terms(call: &Call) -> Result<Terms> {
    let q = call.query("q").map(str::trim).filter(|q| !q.is_empty());
    let asked = match q {
        Some(q) => filter::lucene(q)
            .and_then(|filter| filter.user_terms())
            .map_err(|bad| Error::query(bad.to_string()))?,
        None => Terms::Everything,
    };
    let Some(connection) = call.query("connection") else { return Ok(asked) };
    let value = Wanted::Is(connection.to_owned());
    let comes_by = Terms::Term(Term { name: "identities.connection", value, is_multiple: true });
    Ok(match asked {
        Terms::Everything => comes_by,
        asked => Terms::All(vec![comes_by, asked]),
    })
}

fn order(call: &Call) -> Result<Order> {
    let Some(sort) = call.query("sort") else { return Ok(Order { by: None, descending: false }) };
    let (field, direction) = sort.rsplit_once(':').unwrap_or((sort, "1"));
    let fail =
        |reason: &str| Err(Error::query(format!("Query validation error: '{reason}' on property sort.")));
    let descending = match direction.trim() {
        "1" | "+1" => false,
        "-1" => true,
        _ => return fail("String does not match pattern ^(field):(1|-1)$"),
    };
    match (field.trim(), sorted_by(field.trim())) {
        // That is the order in which they lie.
        ("created_at", _) => Ok(Order { by: None, descending }),
        (_, Some(name)) => Ok(Order { by: Some(name), descending }),
        (_, None) => fail("The field cannot be sorted by"),
    }
}

fn in_time(error: idp::Error) -> Error {
    match error {
        idp::Error::TooSlow => Error::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The query exceeded the timeout. Please try refining your search criteria.",
            Some("query_timeout"),
        ),
        other => other.into(),
    }
}

/// Only so many can be paged through.
const REACH: i64 = 1_000;

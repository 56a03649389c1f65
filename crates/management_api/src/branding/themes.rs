//! Themes: a tenant has one, which is called by its identifier or `default`.

use http::Method;
use idp::{Change, Document, Tenant, id};
use model::Theme;
use schema::{Object, Op, Resource};
use serde_json::json;
use store::{Matching, Span};

use crate::{
    Answer, Call, Error, Operation,
    about::About,
    collection::{Given, Lifecycle, Prepared, insert, made, replace, shown},
    error::Result,
    operation::run,
    precondition::{etag, next_etag},
};

pub fn operations() -> Vec<Operation> {
    let (all, one) = ("/branding/themes", "/branding/themes/{id}");
    let (read, update, delete) = (&["read:branding"], &["update:branding"], &["delete:branding"]);
    vec![
        Operation::new(Method::POST, all, "Create a theme", update, run!(create)),
        Operation::new(Method::GET, one, "Get a theme", read, run!(get)),
        Operation::new(Method::PATCH, one, "Update a theme", update, run!(change)),
        Operation::new(Method::DELETE, one, "Delete a theme", delete, run!(remove)),
    ]
}

impl Lifecycle for Theme {
    const WORDS: (&'static str, &'static str) = ("a theme", "themes");
    const MISSING: (&'static str, Option<&'static str>) =
        ("There was an error retrieving branding settings: invalid theme ID", Some("theme_not_found"));

    fn taken(_key: &str) -> String {
        "There was an error updating branding settings: The theme already exists".into()
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        if tenant.count(&Matching::all(Theme::NOUN.path)).await? > 0 {
            return Err(Error::conflict(Theme::taken("")));
        }
        let id = given.id.unwrap_or_else(id::theme);
        body.insert("themeId".into(), json!(id));
        Ok(Prepared { id, ..Prepared::default() })
    }

    async fn find(tenant: &Tenant, id: &str) -> Result<Option<Document>> {
        if id != "default" {
            return Ok(tenant.read(&Theme::NOUN, id).await?);
        }
        let first = tenant
            .page(&Theme::NOUN, &Matching::all(Theme::NOUN.path), Span::Offset { offset: 0, limit: 1 })
            .await?;
        Ok(first.into_iter().next())
    }
}

/// Recorded: a theme that was made is answered with 200.
async fn create(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    let (document, _) = insert::<Theme>(&call.tenant, body, Given::default()).await?;
    let about = made::<Theme>(&document);
    Ok(Answer::ok(shown::<Theme>(&call, document)?).about(about))
}

async fn get(call: Call) -> Result<Answer> {
    let document = existing(&call, "retrieving").await?;
    let etag = etag(&document);
    Ok(Answer::ok(shown::<Theme>(&call, document.body)?).tagged(etag))
}

/// A change names everything, and takes the place of all that was there.
async fn change(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    schema::check(Theme::NOUN.fields, &body, Op::Create)?;
    let document = existing(&call, "updating").await?;
    call.precondition.check(Some(&document))?;
    body.insert("themeId".into(), json!(document.id));
    let etag = if body == document.body { etag(&document) } else { next_etag(&document) };
    if body != document.body {
        let replaced = replace::<Theme>(&call.tenant, &document, body.clone()).await;
        replaced.map_err(|error| call.precondition.lost(error))?;
    }
    let about = About::put::<Theme>(&document.id, &document.body, &body);
    Ok(Answer::ok(shown::<Theme>(&call, body)?).tagged(etag).about(about))
}

async fn remove(call: Call) -> Result<Answer> {
    let document = existing(&call, "deleting").await?;
    call.precondition.check(Some(&document))?;
    call.tenant.commit(vec![Change::delete::<Theme>(document.id.as_str())]).await?;
    Ok(Answer::no_content().about(About::only::<Theme>(&document.id)))
}

async fn existing(call: &Call, verb: &str) -> Result<Document> {
    Theme::find(&call.tenant, call.parameter("id")).await?.ok_or_else(|| {
        let message = format!("There was an error {verb} branding settings: invalid theme ID");
        Error::not_found(message, Theme::MISSING.1)
    })
}

//! How the tenant's pages look: colours, logo and font, the page around the form, themes, and what text messages say.

mod phone_providers;
mod phone_templates;
mod themes;

use http::Method;
use idp::Change;
use model::{Branding, PageTemplate};
use schema::Object;
use serde_json::{Value, json};

use crate::{
    Answer, Call, Error, Operation, about::About, call::cut, error::Result, operation::run,
    precondition::etag, singleton,
};

pub fn operations() -> Vec<Operation> {
    let template = "/branding/templates/universal-login";
    let (read, update, delete) = (&["read:branding"], &["update:branding"], &["delete:branding"]);
    let own = vec![
        Operation::new(
            Method::GET,
            "/branding",
            "Get branding settings",
            read,
            run!(singleton::read::<Branding>),
        ),
        Operation::new(Method::PATCH, "/branding", "Update branding settings", update, run!(change)),
        Operation::new(Method::GET, template, "Get the page template", read, run!(template_of)),
        Operation::new(Method::PUT, template, "Set the page template", update, run!(set_template))
            .taking_text("template"),
        Operation::new(Method::DELETE, template, "Delete the page template", delete, run!(delete_template)),
    ];
    [own, themes::operations(), phone_providers::operations(), phone_templates::operations()].concat()
}

async fn change(mut call: Call) -> Result<Answer> {
    let patch = call.take_body();
    check(&patch)?;
    singleton::update::<Branding>(&call, patch, |_, _| {}).await
}

/// What a declaration cannot say of a change.
pub fn check(patch: &Object) -> Result<()> {
    let background = patch.get("colors").and_then(|colors| colors.get("page_background"));
    background.map_or(Ok(()), check_background)
}

/// A colour, or a gradient from one to another.
fn check_background(background: &Value) -> Result<()> {
    let is_color = |value: Option<&Value>| {
        value.and_then(Value::as_str).is_some_and(|text| schema::Format::HexColor.fits(text))
    };
    let fits = match background {
        Value::Null => true,
        Value::Object(gradient) => {
            let known = ["type", "start", "end", "angle_deg"];
            gradient.keys().all(|name| known.contains(&name.as_str()))
                && gradient.get("type") == Some(&json!("linear-gradient"))
                && is_color(gradient.get("start"))
                && is_color(gradient.get("end"))
                && gradient
                    .get("angle_deg")
                    .and_then(Value::as_i64)
                    .is_some_and(|angle| (0..=360).contains(&angle))
        }
        other => is_color(Some(other)),
    };
    if fits {
        return Ok(());
    }
    Err(Error::body(format!(
        "Payload validation error: 'No colour and no gradient: {}' on property colors.page_background.",
        cut(&background.to_string())
    )))
}

/// The one page there is a template for.
pub const PAGE: &str = "universal-login";

async fn template_of(call: Call) -> Result<Answer> {
    let document = call.tenant.read(&<PageTemplate as schema::Resource>::NOUN, PAGE).await?;
    let document = document.ok_or_else(|| {
        Error::not_found("The template does not exist", Some("inexistent_templates_universal_login"))
    })?;
    Ok(Answer::ok(json!({ "body": document.body.get("body") })).tagged(etag(&document)))
}

async fn set_template(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    let template = match (body.remove("template"), body.keys().next()) {
        (Some(Value::String(template)), None) => template,
        (_, Some(other)) => {
            return Err(fail(&format!("'Additional properties not allowed: {}'.", cut(other))));
        }
        (Some(_), None) => return Err(fail("'Expected type string' on property template.")),
        (None, None) => return Err(fail("'Missing required property: template'.")),
    };
    check_template(&template)?;
    let document = call.tenant.read(&<PageTemplate as schema::Resource>::NOUN, PAGE).await?;
    call.precondition.check(document.as_ref())?;
    let body: Object = [("id", PAGE), ("body", &template)]
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .into_iter()
        .collect();
    let before = document.as_ref().map(|document| document.body.clone()).unwrap_or_default();
    let change = match &document {
        Some(document) => Change::replace::<PageTemplate>(document, body.clone()),
        None => Change::create::<PageTemplate>(PAGE, body.clone()),
    };
    call.tenant.commit(vec![change]).await.map_err(|error| match error {
        idp::Error::Taken { .. } => Error::conflict("Template update conflict"),
        other => other.into(),
    })?;
    let answer = if document.is_some() { Answer::no_content() } else { Answer::created(Object::new()) };
    Ok(answer.about(About::put::<PageTemplate>(PAGE, &before, &body)))
}

/// A template shows the form, and what belongs into the page's head.
pub fn check_template(template: &str) -> Result<()> {
    if template.len() > MOST_TEMPLATE {
        return Err(Error::new(
            http::StatusCode::BAD_REQUEST,
            format!("Payload content length greater than maximum allowed: {MOST_TEMPLATE}"),
            None,
        ));
    }
    for tag in ["auth0:head", "auth0:widget"] {
        if !has_tag(template, tag) {
            return Err(fail(&format!("'The template has no {{%- {tag} -%}}' on property template.")));
        }
    }
    let parsed = templates::Template::parse(template);
    parsed.map(|_| ()).map_err(|why| fail(&format!("'{}' on property template.", cut(&why.to_string()))))
}

fn has_tag(template: &str, tag: &str) -> bool {
    let insides = template.split("{%").skip(1).filter_map(|rest| rest.split_once("%}"));
    insides.into_iter().any(|(inside, _)| inside.trim_matches('-').trim() == tag)
}

async fn delete_template(call: Call) -> Result<Answer> {
    let noun = &<PageTemplate as schema::Resource>::NOUN;
    let Some(document) = call.tenant.read(noun, PAGE).await? else { return Ok(Answer::no_content()) };
    call.precondition.check(Some(&document))?;
    call.tenant.commit(vec![Change::delete::<PageTemplate>(PAGE)]).await?;
    Ok(Answer::no_content().about(About::only::<PageTemplate>(PAGE)))
}

fn fail(reason: &str) -> Error {
    Error::body(format!("Payload validation error: {reason}"))
}

const MOST_TEMPLATE: usize = 102_400;

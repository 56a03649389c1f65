//! What a caller is shown of a document.

use std::convert::Infallible;

use serde_json::Value;

use crate::{
    Field, Object,
    walk::{Part, each_part},
};

/// The `fields` and `include_fields` of a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selection {
    #[default]
    Everything,
    Only(Vec<String>),
    Except(Vec<String>),
}

impl Selection {
    /// Whether a field of this name is asked for.
    pub fn wants(&self, name: &str) -> bool {
        match self {
            Selection::Everything => true,
            Selection::Only(names) => names.iter().any(|n| n == name),
            Selection::Except(names) => !names.iter().any(|n| n == name),
        }
    }
}

/// Who looks: what their scopes permit, and which secrets of that are for their eyes.
pub struct Viewer<'a> {
    pub may: &'a dyn Fn(&str) -> bool,
    pub secrets: Secrets<'a>,
}

/// Secrets that are for somebody's eyes, if their scopes permit them.
pub enum Secrets<'a> {
    None,
    All,
    /// Those behind some scopes.
    Behind(Box<dyn Fn(&str) -> bool + 'a>),
}

impl Secrets<'_> {
    fn are_behind(&self, scope: &str) -> bool {
        match self {
            Secrets::None => false,
            Secrets::All => true,
            Secrets::Behind(scopes) => scopes(scope),
        }
    }
}

impl<'a> Viewer<'a> {
    /// Whoever sees what their scopes permit, secrets among it.
    pub fn with(may: &'a dyn Fn(&str) -> bool) -> Self {
        Viewer { may, secrets: Secrets::All }
    }
}

/// Takes out of a document what was not asked for and what whoever looks may not see.
pub fn project(fields: &'static [Field], document: &mut Object, selection: &Selection, viewer: &Viewer<'_>) {
    document.retain(|name, value| {
        if !selection.wants(name) {
            return false;
        }
        match fields.iter().find(|field| field.name == name) {
            Some(field) => shown(field, value, viewer),
            None => true,
        }
    });
}

fn shown(field: &'static Field, value: &mut Value, viewer: &Viewer<'_>) -> bool {
    let may = viewer.may;
    let visible = !field.hidden
        && field.secret.is_none_or(|scope| may(scope) && viewer.secrets.are_behind(scope))
        && field.shown_to.is_none_or(|scopes| scopes.iter().any(|scope| may(scope)));
    if visible {
        let Ok(()) = each_part::<Infallible>(field.shape, value, &mut |part| {
            match part {
                Part::Object(fields, object) => project(fields, object, &Selection::Everything, viewer),
                Part::Plain(..) => {}
            }
            Ok(())
        });
    }
    visible
}

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

/// Takes out of a document what was not asked for and what these scopes may not see.
pub fn project(
    fields: &'static [Field],
    document: &mut Object,
    selection: &Selection,
    may: &dyn Fn(&str) -> bool,
) {
    document.retain(|name, value| {
        if !selection.wants(name) {
            return false;
        }
        match fields.iter().find(|field| field.name == name) {
            Some(field) => shown(field, value, may),
            None => true,
        }
    });
}

fn shown(field: &'static Field, value: &mut Value, may: &dyn Fn(&str) -> bool) -> bool {
    let visible = !field.hidden
        && field.secret.is_none_or(may)
        && field.shown_to.is_none_or(|scopes| scopes.iter().any(|scope| may(scope)));
    if visible {
        let Ok(()) = each_part::<Infallible>(field.shape, value, &mut |part| {
            match part {
                Part::Object(fields, object) => project(fields, object, &Selection::Everything, may),
                Part::Plain(..) => {}
            }
            Ok(())
        });
    }
    visible
}

//! The one walk through a value by its shape. What has to reach every part of a document, wherever it lies, goes
//! this way: sealing, hiding and completing. A shape that is added has to say here what is inside it.

use serde_json::Value;

use crate::{Arm, Field, Object, Shape};

/// What a value is made of, once lists and maps are opened.
pub(crate) enum Part<'a> {
    /// An object and the fields it has; whoever wants its members looks into them.
    Object(&'static [Field], &'a mut Object),
    /// A value without fields.
    Plain(Shape, &'a mut Value),
}

/// Calls `act` with each part of a value. What does not have its shape, which `check` refuses, is passed over.
pub(crate) fn each_part<E>(
    shape: Shape,
    value: &mut Value,
    act: &mut dyn FnMut(Part<'_>) -> Result<(), E>,
) -> Result<(), E> {
    match shape {
        Shape::Object(fields) => match value.as_object_mut() {
            Some(object) => act(Part::Object(fields, object)),
            None => Ok(()),
        },
        Shape::OneOf { tag, arms } => match value.as_object_mut() {
            Some(object) => arm(tag, arms, object).map_or(Ok(()), |arm| act(Part::Object(arm.1, object))),
            None => Ok(()),
        },
        Shape::List(each) => match value.as_array_mut() {
            Some(items) => items.iter_mut().try_for_each(|item| each_part(*each, item, act)),
            None => Ok(()),
        },
        Shape::Map(each) => match value.as_object_mut() {
            Some(map) => map.values_mut().try_for_each(|item| each_part(*each, item, act)),
            None => Ok(()),
        },
        Shape::Text | Shape::Integer | Shape::Number | Shape::Boolean | Shape::Any | Shape::Choice(_) => {
            act(Part::Plain(shape, value))
        }
    }
}

/// The arm that a tagged object names.
pub(crate) fn arm(tag: &str, arms: &'static [Arm], object: &Object) -> Option<&'static Arm> {
    let name = object.get(tag)?.as_str()?;
    arms.iter().find(|arm| arm.0 == name)
}

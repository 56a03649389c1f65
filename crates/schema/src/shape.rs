//! The language of declarations: shapes, fields and nouns, all of them constants.

use std::{collections::BTreeMap, marker::PhantomData};

use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::Value;

use crate::Format;

/// What a JSON value looks like.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    Text,
    Integer,
    Number,
    Boolean,
    /// Any JSON at all.
    Any,
    /// One of these texts.
    Choice(&'static [&'static str]),
    List(&'static Shape),
    /// Free keys, values of one shape.
    Map(&'static Shape),
    Object(&'static [Field]),
    /// An object whose `tag` member says which other members it has.
    OneOf {
        tag: &'static str,
        arms: &'static [Arm],
    },
}

/// One choice of a [`Shape::OneOf`]: its name, and the fields that an object has beside the tag.
pub type Arm = (&'static str, &'static [Field]);

impl Shape {
    /// Whether a value of this shape may hold a secret.
    fn has_secrets(self) -> bool {
        match self {
            Shape::Object(fields) => fields.iter().any(Field::has_secrets),
            Shape::OneOf { arms, .. } => arms.iter().any(|(_, fields)| fields.iter().any(Field::has_secrets)),
            Shape::List(each) | Shape::Map(each) => each.has_secrets(),
            Shape::Text | Shape::Integer | Shape::Number | Shape::Boolean | Shape::Any | Shape::Choice(_) => {
                false
            }
        }
    }
}

impl Shape {
    fn secret_names(self, names: &mut Vec<&'static str>) {
        let fields = |fields: &'static [Field], names: &mut Vec<&'static str>| {
            for field in fields {
                if field.secret.is_some() {
                    names.push(field.name);
                }
                field.shape.secret_names(names);
            }
        };
        match self {
            Shape::Object(members) => fields(members, names),
            Shape::OneOf { arms, .. } => arms.iter().for_each(|(_, members)| fields(members, names)),
            Shape::List(each) | Shape::Map(each) => each.secret_names(names),
            Shape::Text | Shape::Integer | Shape::Number | Shape::Boolean | Shape::Any | Shape::Choice(_) => {
            }
        }
    }
}

/// A type that has a JSON shape.
pub trait Shaped {
    const SHAPE: Shape;
    /// Whether a field of this type may be absent.
    const OPTIONAL: bool = false;
}

/// A noun that the Management API serves.
pub trait Resource: Shaped + for<'de> Deserialize<'de> + Send + Sync + 'static {
    const NOUN: Noun;

    /// The typed view of a stored document.
    fn view(document: &crate::Object) -> Result<Self, serde_json::Error> {
        Self::deserialize(document)
    }
}

/// Where a noun is served, and what its fields are.
#[derive(Debug, Clone, Copy)]
pub struct Noun {
    pub doc: &'static str,
    pub fields: &'static [Field],
    /// The collection's path below `/api/v2`, which also names its documents in the store.
    pub path: &'static str,
    /// The field that holds the identifier.
    pub id: &'static str,
    /// What follows the verb in the scopes that guard it: `clients` in `read:clients`.
    pub scope: &'static str,
    /// Whether a stored document has the form of its view.
    pub fits: fn(&crate::Object) -> bool,
}

impl Noun {
    pub const fn new(doc: &'static str, shape: Shape) -> Self {
        let Shape::Object(fields) = shape else { panic!("a noun is a struct") };
        Noun { doc, fields, path: "", id: "id", scope: "", fits: |_| true }
    }
    pub const fn viewed_as<R: Resource>(mut self) -> Self {
        self.fits = |document| R::view(document).is_ok();
        self
    }
    pub const fn path(mut self, path: &'static str) -> Self {
        self.path = path;
        self
    }
    pub const fn id(mut self, field: &'static str) -> Self {
        self.id = field;
        self
    }
    pub const fn scope(mut self, scope: &'static str) -> Self {
        self.scope = scope;
        self
    }

    /// The declaration of the field with this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether its documents may hold a secret, however deep.
    pub fn has_secrets(&self) -> bool {
        self.fields.iter().any(Field::has_secrets)
    }

    /// The names of the secret fields, however deep.
    pub fn secret_names(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        Shape::Object(self.fields).secret_names(&mut names);
        names
    }
}

/// When a caller may write a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    OnCreate,
    OnUpdate,
    /// Only the server writes it.
    Never,
}

/// What a body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Create,
    Update,
}

/// One field of an object: its name, its documentation, its shape and its rules.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    pub doc: &'static str,
    pub shape: Shape,
    pub required: bool,
    pub write: When,
    pub default: Option<fn() -> Value>,
    pub nullable: bool,
    pub nullable_on_create: bool,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub each_min: Option<i64>,
    pub each_max: Option<i64>,
    pub key_max: Option<i64>,
    pub format: Option<Format>,
    pub unique_items: bool,
    pub merge_keys: bool,
    /// The scope without which the value is not shown; the value is sealed at rest.
    pub secret: Option<&'static str>,
    /// Shown only to a token with one of these scopes, though it is no secret.
    pub shown_to: Option<&'static [&'static str]>,
    /// Stored and never shown.
    pub hidden: bool,
    pub lookup: bool,
    pub unique: bool,
}

impl Field {
    pub const fn new<T: Shaped>(name: &'static str, doc: &'static str) -> Self {
        Field {
            name,
            doc,
            shape: T::SHAPE,
            required: !T::OPTIONAL,
            write: When::Always,
            default: None,
            nullable: false,
            nullable_on_create: false,
            min: None,
            max: None,
            each_min: None,
            each_max: None,
            key_max: None,
            format: None,
            unique_items: false,
            merge_keys: false,
            secret: None,
            shown_to: None,
            hidden: false,
            lookup: false,
            unique: false,
        }
    }

    /// Restricts when a caller may set it.
    pub const fn write(mut self, when: When) -> Self {
        self.write = when;
        self
    }
    /// Stored on create when absent; the field is then not required.
    pub const fn default(mut self, value: fn() -> Value) -> Self {
        self.default = Some(value);
        self.required = false;
        self
    }
    /// May be absent, although the view always has a value for it.
    pub const fn optional(mut self) -> Self {
        self.required = false;
        self
    }
    /// `null` in a patch removes the field.
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }
    /// `null` is accepted on create too, and means absent.
    pub const fn nullable_on_create(mut self) -> Self {
        self.nullable = true;
        self.nullable_on_create = true;
        self
    }
    /// The least value, text length, list length or number of members.
    pub const fn min(mut self, least: i64) -> Self {
        self.min = Some(least);
        self
    }
    /// The greatest value, text length, list length or number of members.
    pub const fn max(mut self, most: i64) -> Self {
        self.max = Some(most);
        self
    }
    /// The least length of each text of a list or map.
    pub const fn each_min(mut self, least: i64) -> Self {
        self.each_min = Some(least);
        self
    }
    /// The greatest length of each text of a list or map.
    pub const fn each_max(mut self, most: i64) -> Self {
        self.each_max = Some(most);
        self
    }
    /// The greatest length of a map's keys.
    pub const fn key_max(mut self, most: i64) -> Self {
        self.key_max = Some(most);
        self
    }
    /// The form of the text, or of each text of a list.
    pub const fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }
    /// No element of the list may stand twice.
    pub const fn unique_items(mut self) -> Self {
        self.unique_items = true;
        self
    }
    /// A patch merges the first level, where `null` removes a key; otherwise a patch replaces.
    pub const fn merge_keys(mut self) -> Self {
        assert!(matches!(self.shape, Shape::Map(_) | Shape::Object(_)), "only an object has keys to merge");
        self.merge_keys = true;
        self
    }
    /// Sealed at rest, each text on its own; shown only to a token with this scope.
    pub const fn secret(mut self, scope: &'static str) -> Self {
        assert!(
            matches!(self.shape, Shape::Text | Shape::List(Shape::Text) | Shape::Map(Shape::Text)),
            "only text is sealed: a secret is a text, or a list or map of texts"
        );
        assert!(!self.lookup, "a key would tell the secret");
        self.secret = Some(scope);
        self
    }
    /// Shown only to a token with one of these scopes.
    pub const fn shown_to(mut self, scopes: &'static [&'static str]) -> Self {
        self.shown_to = Some(scopes);
        self
    }
    /// Stored, never shown.
    pub const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }
    /// Lists can be filtered by it.
    pub const fn lookup(mut self) -> Self {
        assert!(self.secret.is_none(), "a key would tell the secret");
        self.lookup = true;
        self
    }
    /// No two documents of the kind share a value; implies `lookup`.
    pub const fn unique(mut self) -> Self {
        self = self.lookup();
        self.unique = true;
        self
    }

    /// Whether its value is, or may hold, a secret.
    pub(crate) fn has_secrets(&self) -> bool {
        self.secret.is_some() || self.shape.has_secrets()
    }

    /// Whether a caller may set it in such a body.
    pub fn writable(&self, op: Op) -> bool {
        match self.write {
            When::Always => true,
            When::OnCreate => op == Op::Create,
            When::OnUpdate => op == Op::Update,
            When::Never => false,
        }
    }
}

/// A field that is declared, checked and stored, but that no code reads: it takes no room in the view.
pub struct Declared<T>(PhantomData<fn() -> T>);

impl<T> std::fmt::Debug for Declared<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Declared")
    }
}

impl<T> Clone for Declared<T> {
    fn clone(&self) -> Self {
        Declared(PhantomData)
    }
}

impl<'de, T> Deserialize<'de> for Declared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Declared(PhantomData))
    }
}

impl<T: Shaped> Shaped for Declared<T> {
    const SHAPE: Shape = T::SHAPE;
    const OPTIONAL: bool = T::OPTIONAL;
}

impl<T: Shaped> Shaped for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    const OPTIONAL: bool = true;
}

impl<T: Shaped> Shaped for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);
}

impl<T: Shaped> Shaped for BTreeMap<String, T> {
    const SHAPE: Shape = Shape::Map(&T::SHAPE);
}

/// Free keys, any values.
impl Shaped for crate::Object {
    const SHAPE: Shape = Shape::Map(&Shape::Any);
}

impl<T: Shaped> Shaped for Box<T> {
    const SHAPE: Shape = T::SHAPE;
    const OPTIONAL: bool = T::OPTIONAL;
}

macro_rules! shapes {
    ($($shape:ident: $($ty:ty),+;)+) => { $($(impl Shaped for $ty { const SHAPE: Shape = Shape::$shape; })+)+ };
}

shapes! {
    Text: String, std::sync::Arc<str>, Box<str>;
    Integer: i64, u64, u32;
    Number: f64;
    Boolean: bool;
    Any: Value;
}

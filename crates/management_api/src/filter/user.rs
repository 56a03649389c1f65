//! A query on people: what they are indexed under, and how a value is written there.

use model::user::{metadata_value, sortable};
use store::{Bound, Part, Term, Terms, Wanted};

use super::{BadQuery, Filter, Pattern, log::Time};

impl Filter {
    /// The people who are looked for.
    pub fn user_terms(&self) -> Result<Terms, BadQuery> {
        let all = |filters: &[Filter]| filters.iter().map(Filter::user_terms).collect::<Result<Vec<_>, _>>();
        match self {
            Filter::Everything => Ok(Terms::Everything),
            Filter::All(filters) => Ok(Terms::All(all(filters)?)),
            Filter::Any(filters) => Ok(Terms::Any(all(filters)?)),
            Filter::Not(filter) => Ok(Terms::Not(Box::new(filter.user_terms()?))),
            Filter::Is { field: None, value } => Ok(Terms::Any(
                BARE.iter().map(|name| is(name, Kind::Lower, value)).collect::<Result<_, _>>()?,
            )),
            Filter::Is { field: Some(field), value } => match place(field)? {
                Place::Named(name, kind) => is(name, kind, value),
                Place::Metadata(name, path) => in_metadata(name, path, value),
                Place::Nobody => Ok(Terms::Any(Vec::new())),
            },
            Filter::Range { field, from, to } => match place(field)? {
                Place::Named(name, kind) => range(name, kind, from.as_ref(), to.as_ref()),
                Place::Metadata("app_metadata", path) => range_in_metadata(path, from.as_ref(), to.as_ref()),
                Place::Metadata(..) => {
                    Err(BadQuery("Ranges are not available on user_metadata fields.".to_owned()))
                }
                Place::Nobody => Ok(Terms::Any(Vec::new())),
            },
            Filter::Exists { field } => match place(field)? {
                Place::Named(name, _) => Ok(term(name, Wanted::Between { from: None, to: None })),
                Place::Metadata(name, "") => Ok(term(name, Wanted::Between { from: None, to: None })),
                Place::Metadata(name, path) => Ok(Terms::Any(vec![
                    // What lies there itself, and what lies in it.
                    term(name, Wanted::Like(vec![Part::Text(metadata_value(path, "")), Part::Any])),
                    term(name, Wanted::Like(vec![Part::Text(format!("{path}.")), Part::Any])),
                ])),
                Place::Nobody => Ok(Terms::Any(Vec::new())),
            },
        }
    }
}

/// The name by which results can be sorted, if they can be by this field.
pub fn sorted_by(field: &str) -> Option<&'static str> {
    let (name, ..) = NAMED.iter().find(|(name, ..)| *name == field)?;
    (!name.contains('.')).then_some(name)
}

/// Where the values of a field are.
enum Place<'a> {
    Named(&'static str, Kind),
    /// Below a kind of metadata, at a path.
    Metadata(&'static str, &'a str),
    /// A field that nobody has a value for.
    Nobody,
}

/// How the values of a field are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// As they are.
    Exact,
    /// In lower case.
    Lower,
    Number,
    Date,
}

fn place(field: &str) -> Result<Place<'_>, BadQuery> {
    for name in ["user_metadata", "app_metadata"] {
        if let Some(path) = field.strip_prefix(name)
            && let Some(path) = path.strip_prefix('.').or((path.is_empty()).then_some(""))
        {
            return Ok(Place::Metadata(name, path));
        }
    }
    if field == "organization_id" {
        return Ok(Place::Nobody);
    }
    match NAMED.iter().find(|(name, ..)| *name == field) {
        Some((name, kind)) => Ok(Place::Named(name, *kind)),
        None => {
            let names: Vec<_> = NAMED.iter().map(|(name, ..)| *name).collect();
            Err(BadQuery(format!(
                "The field '{}' cannot be searched; these can: {}, user_metadata.* and app_metadata.*.",
                field.chars().filter(|c| !c.is_control()).take(200).collect::<String>().escape_debug(),
                names.join(", ")
            )))
        }
    }
}

fn is(name: &'static str, kind: Kind, value: &Pattern) -> Result<Terms, BadQuery> {
    let wanted = match (kind, value.exact()) {
        (Kind::Date, Some(text)) => {
            let (from, to) = Time::parse(text)?.bounds();
            Wanted::Between { from: Some(from), to: Some(to) }
        }
        (Kind::Number, Some(text)) => Wanted::Is(number(text)?),
        (Kind::Date | Kind::Number, None) => {
            return Err(BadQuery(format!("{name} takes no wildcards; write {name}:[from TO to].")));
        }
        (Kind::Lower, Some(text)) => Wanted::Is(text.to_lowercase()),
        (Kind::Exact, Some(text)) => Wanted::Is(text.to_owned()),
        (Kind::Exact, None) => Wanted::Like(value.0.clone()),
        (Kind::Lower, None) => Wanted::Like(lower(&value.0)),
    };
    Ok(term(name, wanted))
}

fn range(
    name: &'static str,
    kind: Kind,
    from: Option<&Bound>,
    to: Option<&Bound>,
) -> Result<Terms, BadQuery> {
    let each =
        |bound: Option<&Bound>, is_from: bool| bound.map(|bound| written(bound, kind, is_from)).transpose();
    Ok(term(name, Wanted::Between { from: each(from, true)?, to: each(to, false)? }))
}

fn written(bound: &Bound, kind: Kind, is_from: bool) -> Result<Bound, BadQuery> {
    let Bound { value, inclusive } = bound;
    Ok(match kind {
        Kind::Exact => bound.clone(),
        Kind::Lower => Bound { value: value.to_lowercase(), inclusive: *inclusive },
        Kind::Number => Bound { value: number(value)?, inclusive: *inclusive },
        Kind::Date => {
            let (start, end) = Time::parse(value)?.bounds();
            // Of a day all of it is meant, or nothing of it.
            match (is_from, inclusive) {
                (true, true) => start,
                (true, false) => Bound { inclusive: true, ..end },
                (false, true) => end,
                (false, false) => Bound { inclusive: false, ..start },
            }
        }
    })
}

fn in_metadata(name: &'static str, path: &str, value: &Pattern) -> Result<Terms, BadQuery> {
    match value.exact() {
        Some(text) => Ok(term(name, Wanted::Is(metadata_value(path, text)))),
        None if name == "user_metadata" => {
            Err(BadQuery("Wildcards are not available on user_metadata fields.".to_owned()))
        }
        None => {
            let start = [Part::Text(metadata_value(path, ""))];
            Ok(term(name, Wanted::Like(Pattern::new(start.into_iter().chain(value.0.iter().cloned())).0)))
        }
    }
}

/// Numbers if both ends are, and else texts.
fn range_in_metadata(path: &str, from: Option<&Bound>, to: Option<&Bound>) -> Result<Terms, BadQuery> {
    let are_numbers = from.into_iter().chain(to).all(|bound| bound.value.parse::<f64>().is_ok());
    let name = if are_numbers { "app_metadata.numbers" } else { "app_metadata" };
    let at = |bound: &Bound| {
        let value = if are_numbers { number(&bound.value)? } else { bound.value.clone() };
        Ok::<_, BadQuery>(Bound { value: metadata_value(path, &value), inclusive: bound.inclusive })
    };
    let least = Bound { value: metadata_value(path, ""), inclusive: true };
    let most = Bound { value: metadata_value(path, "\u{10ffff}"), inclusive: true };
    let from = from.map_or(Ok(least), at)?;
    let to = to.map_or(Ok(most), at)?;
    Ok(term(name, Wanted::Between { from: Some(from), to: Some(to) }))
}

fn number(text: &str) -> Result<String, BadQuery> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(sortable(number)),
        _ => Err(BadQuery(format!("'{}' is not a number.", text.escape_debug()))),
    }
}

fn lower(parts: &[Part]) -> Vec<Part> {
    let each = |part: &Part| match part {
        Part::Text(text) => Part::Text(text.to_lowercase()),
        Part::Any => Part::Any,
    };
    parts.iter().map(each).collect()
}

fn term(name: &'static str, value: Wanted) -> Terms {
    let is_multiple = name.contains("metadata") || name.starts_with("identities.");
    Terms::Term(Term { name, value, is_multiple })
}

/// What can be searched, beside metadata.
const NAMED: [(&str, Kind); 22] = [
    ("blocked", Kind::Exact),
    ("created_at", Kind::Date),
    ("email", Kind::Lower),
    ("email.domain", Kind::Lower),
    ("email_verified", Kind::Exact),
    ("family_name", Kind::Lower),
    ("given_name", Kind::Lower),
    ("identities.connection", Kind::Exact),
    ("identities.profileData.email", Kind::Lower),
    ("identities.provider", Kind::Exact),
    ("identities.user_id", Kind::Exact),
    ("last_ip", Kind::Exact),
    ("last_login", Kind::Date),
    ("last_password_reset", Kind::Date),
    ("logins_count", Kind::Number),
    ("name", Kind::Lower),
    ("nickname", Kind::Lower),
    ("phone_number", Kind::Exact),
    ("phone_verified", Kind::Exact),
    ("updated_at", Kind::Date),
    ("user_id", Kind::Exact),
    ("username", Kind::Lower),
];

/// Where a value without a field is looked for: what is searched without case.
const BARE: [&str; 6] = ["email", "username", "name", "nickname", "given_name", "family_name"];

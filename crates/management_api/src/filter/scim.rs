//! The filter language of SCIM (RFC 7644 §3.4.2.2), less value paths. The grammar is scim_v2's; here its tree
//! becomes ours. All texts are compared with case, as if every attribute were `caseExact`.

use scim_v2::filter::{AttrExp, AttrPath, CompValue, CompareOp, Filter as Scim, ParseError};
use store::{Bound, Part};

use super::{BadQuery, Filter, Pattern, short};

/// Reads a SCIM filter.
pub fn scim(q: &str) -> Result<Filter, BadQuery> {
    let parsed = short(q)?.parse::<Scim>().map_err(|error| refusal(&error))?;
    filter(&parsed)?.checked()
}

fn filter(scim: &Scim) -> Result<Filter, BadQuery> {
    match scim {
        Scim::And(operands) => Ok(Filter::All(operands.iter().map(filter).collect::<Result<_, _>>()?)),
        Scim::Or(operands) => Ok(Filter::Any(operands.iter().map(filter).collect::<Result<_, _>>()?)),
        Scim::Not(operand) => Ok(negated(filter(operand)?)),
        Scim::Attr(AttrExp::Present(path)) => Ok(Filter::Exists { field: field(path) }),
        Scim::Attr(AttrExp::Comparison(path, operator, value)) => compared(field(path), operator, value),
        Scim::ValuePath(path) => Err(BadQuery(format!(
            "Filters in square brackets are not supported, as in {}[…]; name the sub-attribute after a dot.",
            field(&path.attr)
        ))),
    }
}

fn compared(field: String, operator: &CompareOp, value: &CompValue) -> Result<Filter, BadQuery> {
    let value = match (value, operator) {
        (CompValue::Null, CompareOp::Eq) => return Ok(negated(Filter::Exists { field })),
        (CompValue::Null, CompareOp::Ne) => return Ok(Filter::Exists { field }),
        (CompValue::Null, _) => {
            return Err(BadQuery("null can only be compared with eq and ne.".to_owned()));
        }
        (CompValue::True, _) => "true".to_owned(),
        (CompValue::False, _) => "false".to_owned(),
        (CompValue::Number(number), _) => number.to_string(),
        (CompValue::Str(text), _) => text.clone(),
    };
    let is = |field, parts: Vec<Part>| Filter::is(Some(field), Pattern::new(parts));
    Ok(match operator {
        CompareOp::Eq => is(field, vec![Part::Text(value)]),
        CompareOp::Ne => negated(is(field, vec![Part::Text(value)])),
        CompareOp::Sw => is(field, vec![Part::Text(value), Part::Any]),
        CompareOp::Ew => is(field, vec![Part::Any, Part::Text(value)]),
        CompareOp::Co => is(field, vec![Part::Any, Part::Text(value), Part::Any]),
        CompareOp::Gt => Filter::Range { field, from: Some(Bound { value, inclusive: false }), to: None },
        CompareOp::Ge => Filter::Range { field, from: Some(Bound { value, inclusive: true }), to: None },
        CompareOp::Lt => Filter::Range { field, from: None, to: Some(Bound { value, inclusive: false }) },
        CompareOp::Le => Filter::Range { field, from: None, to: Some(Bound { value, inclusive: true }) },
    })
}

fn field(path: &AttrPath) -> String {
    let name = match &path.sub_attr {
        Some(sub) => format!("{}.{sub}", path.name),
        None => path.name.clone(),
    };
    match &path.uri {
        Some(uri) => format!("{uri}:{name}"),
        None => name,
    }
}

fn negated(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

fn refusal(error: &ParseError) -> BadQuery {
    let place = match error {
        ParseError::User { error } => return BadQuery(format!("The filter is not understood: {error}.")),
        ParseError::UnrecognizedEof { .. } => return BadQuery("The filter ends too early.".to_owned()),
        ParseError::InvalidToken { location } => *location,
        ParseError::UnrecognizedToken { token, .. } | ParseError::ExtraToken { token } => token.0,
    };
    BadQuery(format!(
        "The filter is not understood after {place} bytes. It is made of comparisons such as name eq \"value\", \
         joined by and, or, not and parentheses."
    ))
}

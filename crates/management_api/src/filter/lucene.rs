//! The query language of `q`: Lucene's, less what Auth0 does not have. Its grammar is tantivy's; here its tree
//! becomes ours. Escaped characters never reach the grammar, so that they cannot mean anything to it.

use store::{Bound, Part};
use tantivy_query_grammar::{
    Delimiter, Occur, UserInputAst, UserInputBound, UserInputLeaf, UserInputLiteral, parse_query,
};

use super::{BadQuery, Filter, MOST_CLAUSES, Pattern, short, too_deep};

/// Reads a query in Lucene's language; an empty one looks for everything.
pub fn lucene(q: &str) -> Result<Filter, BadQuery> {
    let (masked, escaped) = Escaped::mask(short(q)?)?;
    // The grammar descends for each of these; the tree it makes is measured later.
    if masked.matches('(').count() > MOST_CLAUSES || masked.matches("NOT").count() > MOST_CLAUSES {
        return Err(too_deep());
    }
    let Ok(ast) = parse_query(&masked) else {
        return Err(BadQuery(NOT_UNDERSTOOD.to_owned()));
    };
    escaped.filter(ast)?.checked()
}

/// The characters of a query that stand for themselves, each of them a character from [`FIRST_MASK`] on in
/// what the grammar sees.
struct Escaped(Vec<char>);

impl Escaped {
    fn mask(q: &str) -> Result<(String, Self), BadQuery> {
        let mut masked = String::new();
        let mut escaped = Vec::new();
        let mut characters = q.chars();
        while let Some(character) = characters.next() {
            let literal = match character {
                '\\' => characters.next().ok_or_else(|| {
                    BadQuery("The query ends with a backslash that escapes nothing.".to_owned())
                })?,
                // They quote in tantivy's language, not in Lucene's.
                '\'' | '`' => character,
                // Of no meaning to anyone else, but one of ours.
                mask if u32::from(mask) >= FIRST_MASK => mask,
                plain => {
                    masked.push(plain);
                    continue;
                }
            };
            let mask = u32::try_from(escaped.len()).ok().and_then(|place| char::from_u32(FIRST_MASK + place));
            masked.push(mask.expect("a short query has fewer escapes than there are masks"));
            escaped.push(literal);
        }
        Ok((masked, Self(escaped)))
    }

    fn filter(&self, ast: UserInputAst) -> Result<Filter, BadQuery> {
        match ast {
            UserInputAst::Clause(clauses) => self.clauses(clauses),
            UserInputAst::Boost(..) => {
                Err(BadQuery("Boosts (^) are not supported; escape the character as \\^.".to_owned()))
            }
            UserInputAst::Leaf(leaf) => self.leaf(*leaf),
        }
    }

    /// What must be, must not be, and might be: of the last, one is needed where nothing must be.
    fn clauses(&self, clauses: Vec<(Option<Occur>, UserInputAst)>) -> Result<Filter, BadQuery> {
        let (mut all, mut any, mut none) = (Vec::new(), Vec::new(), Vec::new());
        for (occur, ast) in clauses {
            let filter = self.filter(ast)?;
            match occur {
                Some(Occur::Must) => all.push(filter),
                Some(Occur::MustNot) => none.push(Filter::Not(Box::new(filter))),
                Some(Occur::Should) | None => any.push(filter),
            }
        }
        if !any.is_empty() {
            if !all.is_empty() {
                any.push(Filter::Everything);
            }
            all.push(alone_or(any, Filter::Any));
        }
        all.append(&mut none);
        Ok(if all.is_empty() { Filter::Everything } else { alone_or(all, Filter::All) })
    }

    fn leaf(&self, leaf: UserInputLeaf) -> Result<Filter, BadQuery> {
        match leaf {
            UserInputLeaf::All => Ok(Filter::Everything),
            UserInputLeaf::Literal(literal) => self.literal(literal),
            UserInputLeaf::Exists { field } => Ok(Filter::Exists { field: self.plain(&field) }),
            UserInputLeaf::Range { field: None, .. } => {
                Err(BadQuery("A range needs a field, as in date:[2024-01-01 TO *].".to_owned()))
            }
            UserInputLeaf::Range { field: Some(field), lower, upper } => {
                let field = self.plain(&field);
                match (self.bound(lower)?, self.bound(upper)?) {
                    (None, None) => Ok(Filter::Exists { field }),
                    (from, to) => Ok(Filter::Range { field, from, to }),
                }
            }
            UserInputLeaf::Set { .. } => {
                Err(BadQuery("IN is not supported; write field:(one OR another).".to_owned()))
            }
            UserInputLeaf::Regex { .. } => Err(BadQuery(
                "Regular expressions are not supported; put a value that begins with a slash in quotes."
                    .to_owned(),
            )),
        }
    }

    fn literal(&self, literal: UserInputLiteral) -> Result<Filter, BadQuery> {
        let UserInputLiteral { field_name, phrase, delimiter, slop, prefix } = literal;
        let is_fuzzy = match delimiter {
            Delimiter::None => {
                phrase.trim_end_matches(|end: char| end.is_ascii_digit() || end == '.').ends_with('~')
            }
            Delimiter::SingleQuotes | Delimiter::DoubleQuotes => slop > 0,
        };
        if is_fuzzy {
            return Err(BadQuery(
                "Fuzzy searches (~) are not supported; escape the character as \\~.".to_owned(),
            ));
        }
        let mut parts = match delimiter {
            Delimiter::None => self.word(&phrase, field_name.is_none())?,
            Delimiter::SingleQuotes | Delimiter::DoubleQuotes => vec![Part::Text(self.plain(&phrase))],
        };
        if prefix {
            parts.push(Part::Any);
        }
        let value = Pattern::new(parts);
        let field = field_name.map(|name| self.plain(&name));
        if field.as_deref() != Some("_exists_") {
            return Ok(Filter::is(field, value));
        }
        match value.exact() {
            Some(field) => Ok(Filter::Exists { field: field.to_owned() }),
            None => Err(BadQuery("_exists_ takes the name of one field, without wildcards.".to_owned())),
        }
    }

    /// A word without quotes, in which `*` is a gap.
    fn word(&self, word: &str, is_bare: bool) -> Result<Vec<Part>, BadQuery> {
        if is_bare && (word == "&&" || word == "||" || word.starts_with('!')) {
            return Err(BadQuery("Write AND, OR and NOT in place of &&, || and !.".to_owned()));
        }
        if word.contains('?') {
            return Err(BadQuery(
                "The wildcard ? is not supported; escape it as \\? or put the value in quotes.".to_owned(),
            ));
        }
        let texts = word.split('*').map(|text| Part::Text(self.plain(text)));
        let gaps = texts.flat_map(|text| [Part::Any, text]).skip(1);
        Ok(gaps.collect())
    }

    fn bound(&self, bound: UserInputBound) -> Result<Option<Bound>, BadQuery> {
        let (value, inclusive) = match bound {
            UserInputBound::Unbounded => return Ok(None),
            UserInputBound::Inclusive(value) => (value, true),
            UserInputBound::Exclusive(value) => (value, false),
        };
        if value.contains(['*', '?']) {
            return Err(BadQuery("An end of a range is a value without wildcards, or * alone.".to_owned()));
        }
        Ok(Some(Bound { value: self.plain(&value), inclusive }))
    }

    /// What was written, with the escaped characters in their places.
    fn plain(&self, masked: &str) -> String {
        let unmask = |character| {
            let place =
                u32::from(character).checked_sub(FIRST_MASK).and_then(|place| usize::try_from(place).ok());
            place.and_then(|place| self.0.get(place)).copied().unwrap_or(character)
        };
        masked.chars().map(unmask).collect()
    }
}

fn alone_or(mut filters: Vec<Filter>, together: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.pop() {
        Some(alone) if filters.is_empty() => alone,
        last => {
            filters.extend(last);
            together(filters)
        }
    }
}

/// The first character of the last private plane.
const FIRST_MASK: u32 = 0x10_0000;

const NOT_UNDERSTOOD: &str = "The query is not understood. Quotes and brackets come in pairs, AND and OR stand \
     between two clauses, and the characters + - : ^ \" ( ) [ ] { } in a value are escaped with a backslash or put \
     in quotes.";

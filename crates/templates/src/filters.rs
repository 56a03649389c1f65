//! The filters: those of the library, each behind a price that is asked before it runs, and `json`.

use std::fmt;

use liquid_core::{
    Expression, Filter, FilterReflection, Language, ParseFilter, Result, Runtime, Value, ValueView,
    parser::{FilterArguments, ParameterReflection},
};
use liquid_lib::stdlib;

use crate::budget;

pub fn register(language: &mut Language) {
    macro_rules! filters {
        ($($filter:ident),* $(,)?) => { vec![$(Box::new(stdlib::$filter) as Box<dyn ParseFilter>),*] };
    }
    let filters = filters![
        Abs,
        Append,
        AtLeast,
        AtMost,
        Capitalize,
        Ceil,
        Compact,
        Concat,
        Date,
        Default,
        DividedBy,
        Downcase,
        Escape,
        EscapeOnce,
        First,
        Floor,
        Join,
        Last,
        Lstrip,
        Map,
        Minus,
        Modulo,
        NewlineToBr,
        Plus,
        Prepend,
        Remove,
        RemoveFirst,
        Replace,
        ReplaceFirst,
        Reverse,
        Round,
        Rstrip,
        Size,
        Slice,
        Sort,
        SortNatural,
        Split,
        Strip,
        StripHtml,
        StripNewlines,
        Times,
        Truncate,
        TruncateWords,
        Uniq,
        Upcase,
        UrlDecode,
        UrlEncode,
        Where,
    ];
    for filter in filters {
        let name = filter.reflection().name().to_owned();
        language.filters.register(name, Box::new(Priced(filter)));
    }
    language.filters.register("json".to_owned(), Box::new(Priced(Box::new(Json))));
}

/// A filter that asks the budget first.
#[derive(Clone)]
struct Priced(Box<dyn ParseFilter>);

impl ParseFilter for Priced {
    fn parse(&self, arguments: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        let positional: Vec<Expression> = arguments.positional.collect();
        let name = self.0.reflection().name().to_owned();
        let again = FilterArguments {
            positional: Box::new(positional.clone().into_iter()),
            keyword: arguments.keyword,
        };
        Ok(Box::new(PricedFilter { name, arguments: positional, filter: self.0.parse(again)? }))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self.0.reflection()
    }
}

#[derive(Debug)]
struct PricedFilter {
    name: String,
    arguments: Vec<Expression>,
    filter: Box<dyn Filter>,
}

impl fmt::Display for PricedFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Filter for PricedFilter {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let size = budget::size(input);
        let mut given = 0_usize;
        let mut texts = Vec::new();
        for argument in &self.arguments {
            let value = argument.evaluate(runtime)?;
            given = given.saturating_add(budget::size(value.as_view()));
            texts.push(value.to_kstr().into_owned());
        }
        let price = match self.name.as_str() {
            // What is looked for may stand at every place.
            "replace" => {
                let input = input.to_kstr();
                let found = texts.first().map_or(0, |text| input.matches(text.as_str()).count());
                found.saturating_mul(texts.get(1).map_or(0, |text| text.len()))
            }
            "join" => {
                input.as_array().map_or(0, |list| list.size().unsigned_abs() as usize).saturating_mul(given)
            }
            // One object for each letter.
            "split" => size.saturating_mul(64),
            // Each is held against each.
            "uniq" => {
                let length = input.as_array().map_or(0, |list| list.size().unsigned_abs() as usize);
                length.saturating_mul(length)
            }
            // The format may ask for any width.
            "date" if texts.first().is_some_and(|format| is_wide(format)) => usize::MAX,
            _ => size.saturating_mul(2),
        };
        budget::bytes(runtime, price.saturating_add(size).saturating_add(given))?;
        self.filter.evaluate(input, runtime)
    }
}

/// Whether a date's format has a number of more than two digits.
fn is_wide(format: &str) -> bool {
    format.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 2) && format.contains('%')
}

/// `{{ value | json }}`.
#[derive(Clone)]
struct Json;

impl FilterReflection for Json {
    fn name(&self) -> &str {
        "json"
    }

    fn description(&self) -> &str {
        ""
    }

    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }

    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }
}

impl ParseFilter for Json {
    fn parse(&self, _: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        Ok(Box::new(JsonFilter))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}

#[derive(Debug)]
struct JsonFilter;

impl fmt::Display for JsonFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("json")
    }
}

impl Filter for JsonFilter {
    fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> Result<Value> {
        let text = serde_json::to_string(&input.to_value()).unwrap_or_default();
        // It is meant for a script of a page, which no value may end.
        Ok(Value::scalar(text.replace('<', "\\u003c")))
    }
}

//! The tags: those of the library that are bounded by what they are given, and our own `for` and `capture`, which count
//! what they do. `include`, `render`, `tablerow` and `ifchanged` are not offered.

use std::{collections::HashMap, io::Write};

use liquid_core::{
    BlockReflection, Error, Expression, Language, ParseBlock, ParseTag, Renderable, Result, Runtime,
    TagBlock, TagTokenIter, Template, Value, ValueView,
    model::{KString, KStringRef},
    parser::{BlockElement, TryMatchToken},
    runtime::{Interrupt, InterruptRegister, StackFrame},
};
use liquid_lib::stdlib::{
    AssignTag, BreakTag, CaseBlock, CommentBlock, ContinueTag, CycleTag, DecrementTag, ForloopObject,
    IfBlock, IncrementTag, RawBlock, UnlessBlock,
};

use crate::budget::{self, Bounded};
use crate::{LONGEST_OUTPUT, runtime::Tolerant};

pub fn register(language: &mut Language) {
    let tags: [Box<dyn ParseTag>; 6] = [
        Box::new(AssignTag),
        Box::new(BreakTag),
        Box::new(ContinueTag),
        Box::new(CycleTag),
        Box::new(IncrementTag),
        Box::new(DecrementTag),
    ];
    for tag in tags {
        language.tags.register(tag.reflection().tag().to_owned(), tag);
    }
    let blocks: [Box<dyn ParseBlock>; 7] = [
        Box::new(CaseBlock),
        Box::new(CommentBlock),
        Box::new(IfBlock),
        Box::new(RawBlock),
        Box::new(UnlessBlock),
        Box::new(ForBlock),
        Box::new(CaptureBlock),
    ];
    for block in blocks {
        language.blocks.register(block.reflection().start_tag().to_owned(), block);
    }
}

/// `{% for x in list limit: 3 offset: 1 reversed %}…{% else %}…{% endfor %}`.
#[derive(Debug, Clone, Copy)]
struct ForBlock;

impl BlockReflection for ForBlock {
    fn start_tag(&self) -> &str {
        "for"
    }

    fn end_tag(&self) -> &str {
        "endfor"
    }

    fn description(&self) -> &str {
        ""
    }
}

impl ParseBlock for ForBlock {
    fn parse(
        &self,
        mut words: TagTokenIter<'_>,
        mut inside: TagBlock<'_, '_>,
        options: &Language,
    ) -> Result<Box<dyn Renderable>> {
        let name = words.expect_next("a name is expected")?.expect_identifier().into_result()?;
        let name = KString::from_ref(name);
        words.expect_next("\"in\" is expected")?.expect_str("in").into_result()?;
        let over = match words.expect_next("a list is expected")?.expect_value() {
            TryMatchToken::Matches(list) => Over::List(list),
            TryMatchToken::Fails(word) => {
                let (first, last) = word.expect_range().into_result()?;
                Over::Range(first, last)
            }
        };
        let (mut limit, mut offset, mut reversed) = (None, None, false);
        while let Some(word) = words.next() {
            match word.as_str() {
                "limit" => limit = Some(attribute(&mut words)?),
                "offset" => offset = Some(attribute(&mut words)?),
                "reversed" => reversed = true,
                _ => return Err(word.raise_custom_error("limit, offset or reversed is expected")),
            }
        }
        let (mut body, mut otherwise) = (Vec::new(), None);
        while let Some(element) = inside.next()? {
            match element {
                BlockElement::Tag(mut tag) if tag.name() == "else" => {
                    tag.tokens().expect_nothing()?;
                    otherwise = Some(Template::new(inside.parse_all(options)?));
                    break;
                }
                element => body.push(element.parse(&mut inside, options)?),
            }
        }
        inside.assert_empty();
        Ok(Box::new(For { name, over, limit, offset, reversed, body: Template::new(body), otherwise }))
    }

    fn reflection(&self) -> &dyn BlockReflection {
        self
    }
}

fn attribute(words: &mut TagTokenIter<'_>) -> Result<Expression> {
    words.expect_next("\":\" is expected")?.expect_str(":").into_result()?;
    words.expect_next("a value is expected")?.expect_value().into_result()
}

#[derive(Debug)]
enum Over {
    List(Expression),
    Range(Expression, Expression),
}

#[derive(Debug)]
struct For {
    name: KString,
    over: Over,
    limit: Option<Expression>,
    offset: Option<Expression>,
    reversed: bool,
    body: Template,
    otherwise: Option<Template>,
}

impl Renderable for For {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let items = self.items(runtime)?;
        if items.is_empty() {
            return match &self.otherwise {
                Some(otherwise) => otherwise.render_to(writer, runtime),
                None => Ok(()),
            };
        }
        for (index, item) in items.iter().enumerate() {
            budget::rounds(runtime, 1)?;
            let round = ForloopObject::new(index, items.len());
            let names: HashMap<KStringRef<'_>, &dyn ValueView> =
                HashMap::from([("forloop".into(), &round as &dyn ValueView), (self.name.as_ref(), item)]);
            let frame = Tolerant(StackFrame::new(runtime, &names));
            self.body.render_to(writer, &frame)?;
            if let Some(Interrupt::Break) = runtime.registers().get_mut::<InterruptRegister>().reset() {
                break;
            }
        }
        Ok(())
    }
}

impl For {
    /// What is gone through. The budget is asked before it is made, as a range may be of any length.
    fn items(&self, runtime: &dyn Runtime) -> Result<Vec<Value>> {
        let limit = number(self.limit.as_ref(), runtime)?.unwrap_or(usize::MAX);
        let offset = number(self.offset.as_ref(), runtime)?.unwrap_or(0);
        let mut items: Vec<Value> = match &self.over {
            Over::Range(first, last) => {
                let (first, last) = (integer(first, runtime)?, integer(last, runtime)?);
                let first = first.saturating_add(i64::try_from(offset).unwrap_or(i64::MAX));
                let length =
                    usize::try_from(i128::from(last) - i128::from(first) + 1).unwrap_or(0).min(limit);
                budget::bytes(runtime, length.saturating_mul(64))?;
                (first..=last).take(length).map(Value::scalar).collect()
            }
            Over::List(list) => {
                let list = list.evaluate(runtime)?;
                budget::bytes(runtime, budget::size(list.as_view()))?;
                if let Some(list) = list.as_array() {
                    list.values().skip(offset).take(limit).map(|item| item.to_value()).collect()
                } else if let Some(members) = list.as_object() {
                    let pair = |(key, value): (_, &dyn ValueView)| {
                        Value::Array(vec![Value::scalar(KString::from(key)), value.to_value()])
                    };
                    members.iter().skip(offset).take(limit).map(pair).collect()
                } else {
                    Vec::new()
                }
            }
        };
        if self.reversed {
            items.reverse();
        }
        Ok(items)
    }
}

fn number(expression: Option<&Expression>, runtime: &dyn Runtime) -> Result<Option<usize>> {
    let Some(expression) = expression else { return Ok(None) };
    Ok(Some(usize::try_from(integer(expression, runtime)?).unwrap_or(0)))
}

fn integer(expression: &Expression, runtime: &dyn Runtime) -> Result<i64> {
    let value = expression.evaluate(runtime)?;
    let integer = value.as_scalar().and_then(|scalar| scalar.to_integer());
    integer.ok_or_else(|| Error::with_msg("a whole number is expected"))
}

/// `{% capture name %}…{% endcapture %}`.
#[derive(Debug, Clone, Copy)]
struct CaptureBlock;

impl BlockReflection for CaptureBlock {
    fn start_tag(&self) -> &str {
        "capture"
    }

    fn end_tag(&self) -> &str {
        "endcapture"
    }

    fn description(&self) -> &str {
        ""
    }
}

impl ParseBlock for CaptureBlock {
    fn parse(
        &self,
        mut words: TagTokenIter<'_>,
        mut inside: TagBlock<'_, '_>,
        options: &Language,
    ) -> Result<Box<dyn Renderable>> {
        let name = words.expect_next("a name is expected")?.expect_identifier().into_result()?;
        let name = KString::from_ref(name);
        words.expect_nothing()?;
        let body = Template::new(inside.parse_all(options)?);
        inside.assert_empty();
        Ok(Box::new(Capture { name, body }))
    }

    fn reflection(&self) -> &dyn BlockReflection {
        self
    }
}

#[derive(Debug)]
struct Capture {
    name: KString,
    body: Template,
}

impl Renderable for Capture {
    fn render_to(&self, _writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let mut written = Bounded::new(LONGEST_OUTPUT);
        if let Err(error) = self.body.render_to(&mut written, runtime) {
            // More than a template may write at all.
            return if written.is_full() { budget::bytes(runtime, usize::MAX) } else { Err(error) };
        }
        runtime.set_global(self.name.clone(), Value::scalar(written.into_text().unwrap_or_default()));
        Ok(())
    }
}

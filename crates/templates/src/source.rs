//! What is looked at before a template is parsed: its length, how deep its blocks and brackets nest, how long one tag is.
//! The parser descends by recursion and looks ahead over blanks, so that both are bounded here. It is no parser: what it
//! lets through may still be wrong.

use crate::{Error, Result};

/// The text as it may be parsed: without `auth0:` tags, and with few blanks in a row.
pub fn checked(text: &str) -> Result<String> {
    if text.len() > LONGEST_TEXT {
        return Err(Error::Limit("the template is longer than 256 KiB"));
    }
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    let mut depth = Depth::default();
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        push_text(&mut written, &rest[..start]);
        let close = if rest[start..].starts_with("{{") { "}}" } else { "%}" };
        let Some(length) = rest[start..].find(close) else {
            return Err(Error::Syntax(format!("liquid: {} is not closed", &rest[start..start + 2])));
        };
        let tag = &rest[start..start + length + 2];
        if tag.len() > LONGEST_TAG {
            return Err(Error::Limit("a tag of the template is longer than 4,000 bytes"));
        }
        let raw_end = depth.enter(tag)?;
        push_tag(&mut written, tag);
        rest = &rest[start + length + 2..];
        // Between these nothing is Liquid.
        if let Some(end) = raw_end
            && let Some(length) = find_end(rest, end)
        {
            push_text(&mut written, &rest[..length]);
            rest = &rest[length..];
        }
    }
    push_text(&mut written, rest);
    Ok(written)
}

/// The parser looks ahead over blanks from each of them.
fn push_text(written: &mut String, text: &str) {
    let mut blanks = 0;
    for c in text.chars() {
        blanks = if c.is_ascii_whitespace() { blanks + 1 } else { 0 };
        if blanks <= MOST_BLANKS {
            written.push(c);
        }
    }
}

fn push_tag(written: &mut String, tag: &str) {
    let (opens_trimmed, closes_trimmed) = (tag.starts_with("{%-"), tag.ends_with("-%}"));
    let name = inner(tag);
    match name.strip_prefix("auth0:") {
        Some(name) if tag.starts_with("{%") && name.chars().all(|c| c.is_ascii_alphanumeric()) => {
            let open = if opens_trimmed { "{{- " } else { "{{ " };
            let close = if closes_trimmed { " -}}" } else { " }}" };
            for part in [open, "auth0.", name, close] {
                written.push_str(part);
            }
        }
        // The grammar knows no tabulators.
        _ => written.extend(tag.chars().map(|c| if c == '\t' { ' ' } else { c })),
    }
}

/// What a tag says, without its braces.
fn inner(tag: &str) -> &str {
    let inside = tag.get(2..tag.len() - 2).unwrap_or_default();
    let inside = inside.strip_prefix('-').unwrap_or(inside);
    inside.strip_suffix('-').unwrap_or(inside).trim()
}

fn find_end(text: &str, end: &str) -> Option<usize> {
    text.match_indices("{%").map(|(at, _)| at).find(|at| {
        let rest = text[at + 2..].trim_start_matches('-').trim_start();
        rest.strip_prefix(end).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    })
}

/// How deep the parser will be.
#[derive(Default)]
struct Depth {
    /// For each open block, how much it adds: an `elsif` descends too.
    blocks: Vec<usize>,
}

impl Depth {
    /// Takes a tag into account; what ends it, if nothing inside is Liquid.
    fn enter(&mut self, tag: &str) -> Result<Option<&'static str>> {
        if deepest_bracket(tag) > MOST_BRACKETS {
            return Err(Error::Limit("brackets of the template nest deeper than 8"));
        }
        if !tag.starts_with("{%") {
            return Ok(None);
        }
        let name = inner(tag).split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        match name {
            "raw" => return Ok(Some("endraw")),
            "comment" => return Ok(Some("endcomment")),
            "if" | "unless" | "for" | "case" | "capture" => self.blocks.push(1),
            "elsif" => match self.blocks.last_mut() {
                Some(block) => *block += 1,
                None => self.blocks.push(1),
            },
            name if name.starts_with("end") => drop(self.blocks.pop()),
            _ => {}
        }
        if self.blocks.iter().sum::<usize>() > MOST_BLOCKS {
            return Err(Error::Limit("blocks of the template nest deeper than 64"));
        }
        Ok(None)
    }
}

fn deepest_bracket(tag: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in tag.bytes() {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

const LONGEST_TEXT: usize = 256 * 1024;
const LONGEST_TAG: usize = 4000;
const MOST_BLANKS: usize = 100;
const MOST_BLOCKS: usize = 64;
const MOST_BRACKETS: usize = 8;

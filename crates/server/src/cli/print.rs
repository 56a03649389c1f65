//! How commands print: lines and tables for people, JSON for programs.

use std::{
    fmt::Arguments,
    io::{ErrorKind, Write as _},
};

use clap::Args;
use serde_json::{Value, json};

/// In which form a command prints.
#[derive(Debug, Clone, Copy, Args)]
pub struct Output {
    /// Print the whole answer as JSON, for programs
    #[arg(long)]
    pub json: bool,
}

/// Where a line of words is broken.
const LINE: usize = 100;
/// How many elements of a list a table shows.
const SHOWN: usize = 3;

/// One thing, its members in lines.
pub fn one(output: Output, value: &Value) {
    match (output.json, value) {
        (false, Value::Object(object)) => {
            let width = object.keys().map(String::len).max().unwrap_or(0);
            for (name, value) in object {
                let indent = format!("\n{:width$}  ", "");
                let text = broken(&plain(value), LINE.saturating_sub(width + 2)).join(&indent);
                say!("{}", format!("{name:width$}  {text}").trim_end());
            }
        }
        (_, value) => say!("{value:#}"),
    }
}

/// Many things, one in each line, these members of each.
pub fn list(output: Output, values: &[Value], columns: &[&str]) {
    if output.json {
        say!("{:#}", Value::Array(values.to_vec()));
        return;
    }
    let head = columns.iter().map(|column| column.to_uppercase()).collect();
    let cell = |value: &Value, column: &str| value.get(column).map(short).unwrap_or_default();
    let rows = values.iter().map(|value| columns.iter().map(|column| cell(value, column)).collect());
    let lines: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    let mut widths = vec![0; columns.len()];
    lines.iter().for_each(|cells| widen(&mut widths, cells));
    lines.iter().for_each(|cells| say!("{}", aligned(&widths, cells)));
}

/// Makes room for these cells.
pub fn widen(widths: &mut [usize], cells: &[String]) {
    for (width, cell) in widths.iter_mut().zip(cells) {
        *width = cell.chars().count().max(*width);
    }
}

/// A line of a table; cells beyond the widths follow as they are.
pub fn aligned(widths: &[usize], cells: &[String]) -> String {
    let widths = widths.iter().copied().chain(std::iter::repeat(0));
    let padded: Vec<String> =
        cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    padded.join("  ").trim_end().to_owned()
}

/// A value as a person would write it; control characters of strangers stay out of the terminal.
pub fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Object(object) => match object.get("value") {
            Some(value) => plain(value),
            None => value.to_string(),
        },
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A value for a cell: of a long list only the beginning.
fn short(value: &Value) -> String {
    match value {
        Value::Array(items) if items.len() > SHOWN => {
            format!("{} …(+{})", plain(&json!(items[..SHOWN])), items.len() - SHOWN)
        }
        value => plain(value),
    }
}

/// The text in lines, broken between words.
fn broken(text: &str, width: usize) -> Vec<String> {
    if text.chars().count() <= width {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// One line on standard output. Whoever stops reading, as `head` does, ends the command quietly.
pub fn line(text: Arguments<'_>) {
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            eprintln!("countersign: writing to standard output: {error}");
            std::process::exit(1)
        }
    }
}

/// Prints a line as `println!` does.
macro_rules! say {
    () => { $crate::cli::print::line(format_args!("")) };
    ($($text:tt)*) => { $crate::cli::print::line(format_args!($($text)*)) };
}
pub(crate) use say;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut_in_cells_and_wrapped_in_lines() {
        let scopes = json!(["a", "b", "c", "d", "e"]);
        assert_eq!(short(&scopes), "a b c …(+2)");
        assert_eq!(short(&json!(["a", "b", "c"])), "a b c");
        assert_eq!(broken("one two three", 8), ["one two", "three"]);
        assert_eq!(broken("unbreakable", 4), ["unbreakable"]);
    }

    #[test]
    fn strangers_do_not_move_the_cursor() {
        assert_eq!(plain(&json!("a\u{1b}[2Jb\nc")), "a [2Jb c");
    }
}
